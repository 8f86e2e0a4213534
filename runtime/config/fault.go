package config

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong with the settings.
type Fault struct {
	Where string // config/chat.yaml:3, environment HAWOS_RPC_PORT or flag --rpc.port; empty where nothing was given
	Key   string // rpc.port; empty where the file as a whole is wrong
	Text  string // what is wrong, and what to do
}

// String returns the fault on one line.
func (f Fault) String() string {
	var parts []string
	for _, p := range []string{f.Where, f.Key} {
		if p != "" {
			parts = append(parts, p+":")
		}
	}
	return strings.Join(append(parts, f.Text), " ")
}

// Faults are all that is wrong with the settings, in the order in which they
// are read. Load and LoadInto return it.
type Faults []Fault

// Error returns the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

func (f *Faults) add(where, key, format string, args ...any) {
	*f = append(*f, Fault{Where: where, Key: key, Text: fmt.Sprintf(format, args...)})
}

// err returns the faults, or nil where there are none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Missing returns the error of a part that needs the setting of a server, such
// as "redis.address", and finds it empty.
func Missing(key string) error {
	return fmt.Errorf("%s is empty: name your servers in config/common.yaml, or start the project with hawosgen up", key)
}
