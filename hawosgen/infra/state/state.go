// Package state is what hawos-infra tells other programs: which servers it runs and where. It is a file, replaced
// whole. Start from Read and Write.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// State is a running hawos-infra, or the last one that ran.
type State struct {
	PID     int      `json:"pid"`
	Servers []Server `json:"servers"`
}

// Server is one of its servers.
type Server struct {
	Name    string `json:"name"` // etcd, kafka, nsq or redis
	Addr    string `json:"addr"` // host:port
	StandIn string `json:"stand_in,omitempty"`
}

// Addr returns the address of the server with the name; empty where there is none.
func (s State) Addr(name string) string {
	for _, server := range s.Servers {
		if server.Name == name {
			return server.Addr
		}
	}
	return ""
}

// Read returns what file says. A file that does not exist is an error that wraps fs.ErrNotExist.
func Read(file string) (State, error) {
	var s State
	data, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("read %s: %w", file, err)
	}
	return s, nil
}

// Write replaces file, so that a reader sees the old or the new content, never a part. Its folder is made.
func Write(file string, s State) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return Replace(file, append(data, '\n'))
}

// Replace writes data into file by way of a temporary file beside it.
func Replace(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
