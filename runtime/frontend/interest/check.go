package interest

import (
	"context"

	"github.com/hawos/hawos/runtime/directory"
)

// sample is how many groups and uids a check looks at. A directory that was
// emptied shows at once, one that lost its last moments after some checks.
const sample = 256

// check looks whether the directory still has what was written, and writes
// everything again where it has not.
func (k *Keeper) check(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	lost, err := k.lostGroup(limited)
	if err == nil && !lost {
		lost, err = k.lostUID(limited)
	}
	if err != nil {
		k.o.Log.Warn("check the directory", "err", err)
		return
	}
	if lost {
		k.o.Log.Warn("the directory lost entries of this frontend: writing all of them again")
		k.rewrite(ctx)
	}
}

func (k *Keeper) lostGroup(ctx context.Context) (bool, error) {
	var groups []string
	k.mu.RLock()
	for g := range k.written { // in an order of its own every time
		if groups = append(groups, g); len(groups) == sample {
			break
		}
	}
	k.mu.RUnlock()
	if len(groups) == 0 {
		return false, nil
	}
	found, err := k.o.Directory.Frontends(ctx, groups)
	if err != nil {
		return false, err
	}
	for _, places := range found {
		if !k.here(places) {
			return true, nil
		}
	}
	return false, nil
}

func (k *Keeper) here(places []directory.Place) bool {
	for _, p := range places {
		if p.Frontend == k.o.Frontend && p.Epoch == k.o.Epoch {
			return true
		}
	}
	return false
}

func (k *Keeper) lostUID(ctx context.Context) (bool, error) {
	uids := keys(k.o.UIDs(sample))
	if len(uids) == 0 {
		return false, nil
	}
	places, err := k.o.Directory.Lookup(ctx, uids)
	if err != nil {
		return false, err
	}
	for _, p := range places {
		if p == (directory.Place{}) {
			return true, nil
		}
	}
	return false, nil
}

// rewrite writes all groups, and enters the uids that nobody has entered since.
// They may be many: who joins a group meanwhile does not wait for them.
func (k *Keeper) rewrite(ctx context.Context) {
	k.mu.Lock()
	k.soil(keys(k.written))
	clear(k.written)
	k.mu.Unlock()
	k.write(ctx)
	for uid, session := range k.o.UIDs(-1) {
		if err := k.enter(ctx, uid, session); err != nil {
			k.o.Log.Warn("write to the directory where a uid is", "uid", uid, "err", err)
			return // the next check finds it missing
		}
		select {
		case <-k.wake:
			k.write(ctx)
		default:
		}
	}
}

// enter writes one uid, and takes it back where the session closed meanwhile.
func (k *Keeper) enter(ctx context.Context, uid, session string) error {
	ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	p := directory.Place{Session: session, Frontend: k.o.Frontend, Epoch: k.o.Epoch}
	if _, _, err := k.o.Directory.SetNew(ctx, uid, p); err != nil {
		return err
	}
	if k.o.HasUID(uid, session) {
		return nil
	}
	return k.o.Directory.Delete(ctx, uid, session)
}
