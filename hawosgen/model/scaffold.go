package model

import (
	"path"

	"github.com/hawos/hawos/hawosgen/schema"
)

// NewProject is what a new project's first files say.
type NewProject struct {
	Name      string // demo
	Namespace string // what keeps it apart in etcd, Redis and queues: demo
	Module    string // example.com/demo
	Go        string // least version of Go: 1.26.0
	Hawos     string // module path of hawos
	Version   string // of hawos, as go.mod requires it
	Checkout  string // folder of the hawos that go.mod replaces it by; empty for none
}

// NewService is what a new service's proto says.
type NewService struct {
	App   string       // rank
	Root  string       // proto root that it goes into: protos
	IDs   schema.Range // of its protocol IDs
	First uint32       // ID of the example rpc
}

// Name returns the name of the proto service.
func (s *NewService) Name() string { return camel(s.App) }

// ProtoPackage returns the proto package.
func (s *NewService) ProtoPackage() string { return s.ProtoDir() + ".v1" }

// ProtoDir returns the folder of the service in its proto root. Names of proto
// packages have no dashes.
func (s *NewService) ProtoDir() string { return snakeWords(s.App) }

// ProtoPath returns the path of the proto in the project.
func (s *NewService) ProtoPath() string {
	return path.Join(s.Root, s.ProtoDir(), "v1", s.ProtoDir()+".proto")
}
