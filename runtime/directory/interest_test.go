package directory_test

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/directory/memory"
	"github.com/hawos/hawos/runtime/push"
)

var _ push.Interest = (*directory.Interested)(nil)

// Entries count only while the registry has that frontend with that epoch, or may
// be about to.
func TestInterestIgnoresTheDead(t *testing.T) { synctest.Test(t, ignoresTheDead) }

func ignoresTheDead(t *testing.T) {
	ctx := t.Context()
	d := memory.New()
	for uid, p := range map[string]directory.Place{
		"ann": {Session: "s1", Frontend: "frontend-1", Epoch: "now"},
		"bob": {Session: "s2", Frontend: "frontend-1", Epoch: "before its crash"},
		"cay": {Session: "s3", Frontend: "frontend-9", Epoch: "gone"},
	} {
		if _, _, err := d.Set(ctx, uid, p); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []directory.Place{
		{Frontend: "frontend-1", Epoch: "now"}, {Frontend: "frontend-1", Epoch: "before its crash"},
		{Frontend: "frontend-2", Epoch: "x"}, {Frontend: "frontend-9", Epoch: "gone"},
	} {
		if err := d.Join(ctx, p.Frontend, p.Epoch, "room:1"); err != nil {
			t.Fatal(err)
		}
	}
	i := directory.Interest(d, func() map[string]string {
		return map[string]string{"frontend-1": "now", "frontend-2": "x", "frontend-3": "y"}
	})
	got, err := i.Groups(ctx, []string{"room:1"})
	if want := [][]string{{"frontend-1", "frontend-2", "frontend-9"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("groups, as long as frontend-9 may have started a moment ago: got %v, %v, want %v", got, err, want)
	}
	if got, err := i.UIDs(ctx, []string{"cay"}); err != nil || !reflect.DeepEqual(got, [][]string{{"frontend-9"}}) {
		t.Errorf("uid, as long as frontend-9 may have started a moment ago: got %v, %v", got, err)
	}
	time.Sleep(5 * time.Second)
	got, err = i.UIDs(ctx, []string{"cay", "ann", "dan", "bob"})
	if want := [][]string{nil, {"frontend-1"}, nil, nil}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("uids: got %v, %v, want %v", got, err, want)
	}
	got, err = i.Groups(ctx, []string{"room:0", "room:1"})
	if want := [][]string{nil, {"frontend-1", "frontend-2"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("groups: got %v, %v, want %v", got, err, want)
	}
}

// A frontend whose epoch is empty in both places is no match by accident.
func TestInterestOfUnknownUID(t *testing.T) {
	i := directory.Interest(memory.New(), func() map[string]string { return map[string]string{"": ""} })
	got, err := i.UIDs(t.Context(), []string{"nobody"})
	if err != nil || len(got) != 1 || len(got[0]) != 0 {
		t.Errorf("got %v, %v, want nowhere", got, err)
	}
}
