// Package directorytest is the contract that each directory.Directory keeps, as
// a test: call Run from a test of the driver.
package directorytest

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/hawos/hawos/runtime/directory"
)

// Run holds the driver against the contract. open returns an empty directory;
// the contract closes it.
func Run(t *testing.T, open func(t *testing.T) directory.Directory) {
	for _, c := range []struct {
		name string
		run  func(*bench)
	}{
		{"enters and looks up", (*bench).lookup},
		{"tells what it replaced", (*bench).replace},
		{"enters only where nobody is", (*bench).setNew},
		{"deletes only the same session", (*bench).deletes},
		{"knows groups by run", (*bench).groups},
		{"takes any name", (*bench).names},
		{"answers nothing to nobody", (*bench).empty},
		{"lets one of many win", (*bench).race},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{T: t, d: open(t), ctx: context.Background()}
			t.Cleanup(func() {
				if err := b.d.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.run(b)
		})
	}
}

// bench is one case's directory. Its ctx is every call's.
type bench struct {
	*testing.T
	d   directory.Directory
	ctx context.Context
}

func place(session string) directory.Place {
	return directory.Place{Session: session, Frontend: "frontend-1", Epoch: "e1"}
}

// want compares what a call returned.
func (b *bench) want(what string, err error, got, want any) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", what, err)
	}
	if !reflect.DeepEqual(got, want) {
		b.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (b *bench) is(uid string, want directory.Place) {
	b.Helper()
	got, err := b.d.Lookup(b.ctx, []string{uid})
	b.want("look up "+uid, err, got, []directory.Place{want})
}

func (b *bench) lookup() {
	for _, uid := range []string{"ann", "bob"} {
		old, ok, err := b.d.Set(b.ctx, uid, place("of-"+uid))
		b.want("set "+uid, err, []any{old, ok}, []any{directory.Place{}, false})
	}
	got, err := b.d.Lookup(b.ctx, []string{"bob", "nobody", "ann", "bob"})
	b.want("look up", err, got, []directory.Place{place("of-bob"), {}, place("of-ann"), place("of-bob")})
}

func (b *bench) replace() {
	first := directory.Place{Session: "s1", Frontend: "frontend-2", Epoch: "e9"}
	_, _, err := b.d.Set(b.ctx, "ann", first)
	b.want("set", err, nil, nil)
	old, ok, err := b.d.Set(b.ctx, "ann", place("s2"))
	b.want("set again", err, []any{old, ok}, []any{first, true})
	b.is("ann", place("s2"))
}

func (b *bench) setNew() {
	got, ok, err := b.d.SetNew(b.ctx, "ann", place("s1"))
	b.want("first", err, []any{got, ok}, []any{place("s1"), true})
	got, ok, err = b.d.SetNew(b.ctx, "ann", place("s2"))
	b.want("another session", err, []any{got, ok}, []any{place("s1"), false})
	got, ok, err = b.d.SetNew(b.ctx, "ann", place("s"))
	b.want("a session whose name begins the same", err, []any{got, ok}, []any{place("s1"), false})
	moved := directory.Place{Session: "s1", Frontend: "frontend-2", Epoch: "e2"}
	got, ok, err = b.d.SetNew(b.ctx, "ann", moved)
	b.want("the same session", err, []any{got, ok}, []any{moved, true})
	b.is("ann", moved)
}

// deletes: closing the old connection must not remove the new login.
func (b *bench) deletes() {
	_, _, err := b.d.Set(b.ctx, "ann", place("s1"))
	b.want("set", err, nil, nil)
	_, _, err = b.d.Set(b.ctx, "ann", place("s2"))
	b.want("set", err, nil, nil)
	for _, session := range []string{"s1", "s", "", "s22"} {
		b.want("delete "+session, b.d.Delete(b.ctx, "ann", session), nil, nil)
		b.is("ann", place("s2"))
	}
	b.want("delete", b.d.Delete(b.ctx, "ann", "s2"), nil, nil)
	b.is("ann", directory.Place{})
	b.want("delete what is gone", b.d.Delete(b.ctx, "ann", "s2"), nil, nil)
}

func (b *bench) groups() {
	run := func(frontend, epoch string) directory.Place { return directory.Place{Frontend: frontend, Epoch: epoch} }
	for _, j := range []directory.Place{run("frontend-1", "e1"), run("frontend-2", "x1"), run("frontend-1", "e2"), run("frontend-1", "e1")} {
		b.want("join", b.d.Join(b.ctx, j.Frontend, j.Epoch, "room:1", "room:2"), nil, nil)
	}
	b.want("leave", b.d.Leave(b.ctx, "frontend-1", "e1", "room:1", "room:never"), nil, nil)
	b.want("leave", b.d.Leave(b.ctx, "frontend-2", "other run", "room:1"), nil, nil)
	got, err := b.d.Frontends(b.ctx, []string{"room:1", "room:none", "room:2"})
	b.want("frontends", err, got, [][]directory.Place{
		{run("frontend-1", "e2"), run("frontend-2", "x1")},
		nil,
		{run("frontend-1", "e1"), run("frontend-1", "e2"), run("frontend-2", "x1")},
	})
	b.want("leave", b.d.Leave(b.ctx, "frontend-1", "e2", "room:1"), nil, nil)
	b.want("leave", b.d.Leave(b.ctx, "frontend-2", "x1", "room:1"), nil, nil)
	got, err = b.d.Frontends(b.ctx, []string{"room:1"})
	b.want("frontends of an empty group", err, got, [][]directory.Place{nil})
}

func (b *bench) names() {
	for i, name := range []string{"a b", "grüße:世界", "room:1", "%00*", "*", "\xff\xfe", "uid:ann"} {
		p := place(fmt.Sprint("s", i))
		_, _, err := b.d.Set(b.ctx, name, p)
		b.want("set", err, nil, nil)
		b.is(name, p)
		b.want("join", b.d.Join(b.ctx, "frontend-1", fmt.Sprint("e", i), name), nil, nil)
		got, err := b.d.Frontends(b.ctx, []string{name})
		b.want("frontends of "+name, err, got, [][]directory.Place{{{Frontend: "frontend-1", Epoch: fmt.Sprint("e", i)}}})
	}
}

func (b *bench) empty() {
	places, err := b.d.Lookup(b.ctx, nil)
	b.want("look up nobody", err, len(places), 0)
	lists, err := b.d.Frontends(b.ctx, nil)
	b.want("frontends of nothing", err, len(lists), 0)
	b.want("join nothing", b.d.Join(b.ctx, "frontend-1", "e1"), nil, nil)
	b.want("leave nothing", b.d.Leave(b.ctx, "frontend-1", "e1"), nil, nil)
}

// race: of many logins of a uid one enters it, the others learn who it is; of
// many replacements each old one is told of once.
func (b *bench) race() {
	const n = 20
	var mu sync.Mutex
	var wait sync.WaitGroup
	won := map[string]int{}
	replaced := map[string]int{}
	for i := range n {
		wait.Go(func() {
			session := fmt.Sprint("s", i)
			holder, ok, err := b.d.SetNew(b.ctx, "ann", place(session))
			old, had, err2 := b.d.Set(b.ctx, "bob", place(session))
			mu.Lock()
			defer mu.Unlock()
			if err != nil || err2 != nil || ok != (holder.Session == session) {
				b.Errorf("got holder %v, %v, errors %v, %v", holder, ok, err, err2)
			}
			won[holder.Session]++
			if had {
				replaced[old.Session]++
			}
		})
	}
	wait.Wait()
	if len(won) != 1 {
		b.Errorf("got winners %v, want one", won)
	}
	if len(replaced) != n-1 {
		b.Errorf("got %d replaced %v, want each but the last, once", len(replaced), replaced)
	}
}
