// Package mode tells a process running on a developer's machine from one that
// serves people. Rooms look at it where the two want different defaults.
package mode

import "fmt"

// Mode is how a process runs. The zero value is Debug.
type Mode uint8

// The modes.
const (
	Debug   Mode = iota // a developer's machine: listens on 127.0.0.1, logs for people
	Release             // production: listens everywhere, logs JSON
	Test                // a unit test: as Debug, and neither servers nor secrets are demanded
)

// String returns the mode as settings spell it: debug, release or test.
func (m Mode) String() string {
	switch m {
	case Debug:
		return "debug"
	case Release:
		return "release"
	case Test:
		return "test"
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// MarshalText implements encoding.TextMarshaler.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It leaves m as it is where
// the text names no mode.
func (m *Mode) UnmarshalText(text []byte) error {
	for _, known := range []Mode{Debug, Release, Test} {
		if known.String() == string(text) {
			*m = known
			return nil
		}
	}
	return fmt.Errorf("%q is no mode: want debug, release or test", text)
}
