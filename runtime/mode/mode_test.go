package mode_test

import (
	"testing"

	"github.com/hawos/hawos/runtime/mode"
)

func TestModeSurvivesItsText(t *testing.T) {
	for _, m := range []mode.Mode{mode.Debug, mode.Release, mode.Test} {
		text, err := m.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		got := mode.Mode(99)
		if err := got.UnmarshalText(text); err != nil || got != m {
			t.Errorf("%q read back: got %v, %v, want %v", text, got, err, m)
		}
	}
}

func TestUnknownModeIsRefusedAndChangesNothing(t *testing.T) {
	for _, text := range []string{"", "Debug", "production", "mode(7)"} {
		m := mode.Release
		if err := m.UnmarshalText([]byte(text)); err == nil || m != mode.Release {
			t.Errorf("%q: got %v, %v, want an error and release", text, m, err)
		}
	}
}
