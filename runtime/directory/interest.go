package directory

import (
	"context"
	"slices"
)

// Interested tells which live frontends have receivers of a push; it is the
// push.Interest of a producer.
type Interested struct {
	d    Directory
	live func() map[string]string
	news news
}

// Interest returns what d says of the frontends that are alive. live returns
// them, from the registry, instance name → epoch; it is called once per lookup
// and concurrently, and its map is only read. Entries of other frontends, or of
// other runs of these, are ignored, but not at once: what live says may be older
// than the entry of a frontend that started a moment ago.
func Interest(d Directory, live func() map[string]string) *Interested {
	return &Interested{d: d, live: live}
}

// Groups returns per group, in their order, the live frontends with members.
func (i *Interested) Groups(ctx context.Context, groups []string) ([][]string, error) {
	lists, err := i.d.Frontends(ctx, groups)
	if err != nil {
		return nil, err
	}
	live := i.live()
	names := make([][]string, len(lists))
	for n, places := range lists {
		for _, p := range places {
			if i.alive(live, p) && !slices.Contains(names[n], p.Frontend) {
				names[n] = append(names[n], p.Frontend)
			}
		}
	}
	return names, nil
}

// UIDs returns per uid, in their order, the live frontend that holds it: one
// name or none.
func (i *Interested) UIDs(ctx context.Context, uids []string) ([][]string, error) {
	places, err := i.d.Lookup(ctx, uids)
	if err != nil {
		return nil, err
	}
	live := i.live()
	names := make([][]string, len(places))
	for n, p := range places {
		if i.alive(live, p) {
			names[n] = []string{p.Frontend}
		}
	}
	return names, nil
}

// alive reports whether the registry has the frontend, or may be about to.
func (i *Interested) alive(live map[string]string, p Place) bool {
	if p.Frontend == "" {
		return false
	}
	epoch, ok := live[p.Frontend]
	return ok && epoch == p.Epoch || i.news.fresh(run{p.Frontend, p.Epoch})
}
