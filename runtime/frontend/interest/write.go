package interest

import (
	"context"
	"slices"
)

// chunk is how many groups one command to the directory names.
const chunk = 1000

// write brings the groups that changed up to date and tells those who wait. What
// fails is tried again with the next write, at the next check at the latest.
func (k *Keeper) write(ctx context.Context) {
	changed, joins, leaves := k.changes()
	if err := k.leave(ctx, leaves); err != nil {
		k.failed(leaves, true)
		k.o.Log.Warn("write to the directory that groups have no members", "groups", len(leaves), "err", err)
	}
	if err := k.join(ctx, joins); err != nil {
		k.failed(joins, false)
		k.o.Log.Warn("write to the directory that groups have members", "groups", len(joins), "err", err)
		for _, g := range joins {
			tell(changed[g], err)
			delete(changed, g)
		}
	}
	for _, waiters := range changed {
		tell(waiters, nil)
	}
}

// changes takes the dirty groups and says what the directory must learn of them.
func (k *Keeper) changes() (changed map[string][]*waiter, joins, leaves []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	changed, k.dirty = k.dirty, map[string][]*waiter{}
	for g := range changed {
		_, written := k.written[g]
		_, stale := k.stale[g]
		switch has := k.o.HasGroup(g); {
		case has && !written:
			joins = append(joins, g)
		case !has && (written || stale):
			leaves = append(leaves, g)
			delete(k.written, g) // from here on Ensure waits for the group again
		}
		delete(k.stale, g)
	}
	return changed, joins, leaves
}

// failed makes the groups dirty again.
func (k *Keeper) failed(groups []string, stale bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.soil(groups)
	for _, g := range groups {
		if stale {
			k.stale[g] = struct{}{}
		}
	}
}

func (k *Keeper) join(ctx context.Context, groups []string) error {
	for part := range slices.Chunk(groups, chunk) {
		ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
		err := k.o.Directory.Join(ctx, k.o.Frontend, k.o.Epoch, part...)
		cancel()
		if err != nil {
			return err
		}
		k.mu.Lock()
		for _, g := range part {
			k.written[g] = struct{}{}
		}
		k.mu.Unlock()
	}
	return nil
}

func (k *Keeper) leave(ctx context.Context, groups []string) error {
	for part := range slices.Chunk(groups, chunk) {
		ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
		err := k.o.Directory.Leave(ctx, k.o.Frontend, k.o.Epoch, part...)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}
