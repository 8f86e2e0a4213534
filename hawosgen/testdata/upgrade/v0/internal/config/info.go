package config

import (
	"context"

	"github.com/hawos/hawos/runtime/registry"
)

// InfoRequest asks for nothing in particular.
type InfoRequest struct{}

// InfoReply says what runs.
type InfoReply struct {
	Namespace string     `json:"namespace"`
	Mode      string     `json:"mode"`
	Frontends []Frontend `json:"frontends"` // those that take clients
}

// Frontend is where clients connect.
type Frontend struct {
	Instance string `json:"instance"`
	WS       string `json:"ws"`
}

// Info tells which frontends there are.
func (s *Service) Info(context.Context, *InfoRequest) (*InfoReply, error) {
	return &InfoReply{Namespace: s.config.Namespace, Mode: s.config.Mode.String(), Frontends: s.frontends()}, nil
}

// frontends returns those that take clients, sorted by name.
func (s *Service) frontends() []Frontend {
	found := []Frontend{}
	for _, i := range *s.instances.Load() {
		if i.WS != "" && i.State == registry.Ready {
			found = append(found, Frontend{Instance: i.ID, WS: i.WS})
		}
	}
	return found
}
