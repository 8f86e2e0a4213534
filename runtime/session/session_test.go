package session_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hawos/hawos/runtime/session"
)

func TestSessionOfAClientsRequest(t *testing.T) {
	call := &session.Call{Session: session.Session{ID: "s", UID: "ann"}}
	ctx := session.NewContext(t.Context(), call)
	if s, ok := session.From(ctx); !ok || s != call.Session || session.UID(ctx) != "ann" {
		t.Errorf("got %+v, %v, want ann's session", s, ok)
	}
	for _, err := range []error{session.Join(ctx, "a"), session.Leave(ctx, "b"), session.Join(ctx, strings.Repeat("g", session.MaxGroup))} {
		if err != nil {
			t.Error(err)
		}
	}
	for _, group := range []string{"", strings.Repeat("g", session.MaxGroup+1)} {
		if err := session.Join(ctx, group); !errors.Is(err, session.ErrGroup) {
			t.Errorf("join %.10q: got %v, want %v", group, err, session.ErrGroup)
		}
	}
	want := []session.Change{{Group: "a"}, {Group: "b", Leave: true}, {Group: strings.Repeat("g", session.MaxGroup)}}
	if got := call.Changes(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNoSessionOutsideARequest(t *testing.T) {
	ctx := context.Background()
	if s, ok := session.From(ctx); ok || session.UID(ctx) != "" {
		t.Errorf("got %+v, want no session", s)
	}
	if err := session.Join(ctx, "g"); !errors.Is(err, session.ErrNone) {
		t.Errorf("got %v, want %v", err, session.ErrNone)
	}
}
