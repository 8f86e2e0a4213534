package etcd

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

// view is what etcd holds of a namespace, decoded once per key.
type view struct {
	keys     keys
	services map[string]registry.Instance        // by app/instance
	entries  map[string]map[string][]route.Entry // by app/instance, then part
	joined   map[string][]route.Entry            // of those with several parts, until one changes
}

func newView(k keys) *view {
	return &view{keys: k, services: map[string]registry.Instance{}, entries: map[string]map[string][]route.Entry{}, joined: map[string][]route.Entry{}}
}

// put enters one key. A value that cannot be read is an error, and the key then
// counts as absent.
func (v *view) put(key string, value []byte) error {
	kind, app, id, part, ok := v.keys.parse(key)
	if !ok {
		return nil // somebody else's key
	}
	name := app + "/" + id
	if kind == "services" {
		var i registry.Instance
		err := json.Unmarshal(value, &i)
		if err == nil && (i.App != app || i.ID != id) {
			err = fmt.Errorf("it describes %q of %q", i.ID, i.App)
		}
		if err == nil {
			err = i.Check()
		}
		if err != nil {
			delete(v.services, name)
			return fmt.Errorf("key %q: %w", key, err)
		}
		v.services[name] = i
		return nil
	}
	delete(v.joined, name)
	var entries []route.Entry
	if err := json.Unmarshal(value, &entries); err != nil {
		delete(v.entries[name], part)
		return fmt.Errorf("key %q: %w", key, err)
	}
	if v.entries[name] == nil {
		v.entries[name] = map[string][]route.Entry{}
	}
	v.entries[name][part] = entries
	return nil
}

func (v *view) delete(key string) {
	kind, app, id, part, ok := v.keys.parse(key)
	name := app + "/" + id
	switch {
	case !ok:
	case kind == "services":
		delete(v.services, name)
	default:
		delete(v.joined, name)
		delete(v.entries[name], part)
		if len(v.entries[name]) == 0 {
			delete(v.entries, name)
		}
	}
}

// instances returns a snapshot that shares nothing with later ones but the
// entries, which are never changed: the same list is the same slice, so that
// readers need not compare it.
func (v *view) instances() []registry.Instance {
	all := make([]registry.Instance, 0, len(v.services))
	for name, i := range v.services {
		i.Entries = v.entriesOf(name)
		all = append(all, i)
	}
	return all
}

func (v *view) entriesOf(name string) []route.Entry {
	parts := v.entries[name]
	if len(parts) == 1 {
		for _, only := range parts {
			return only
		}
	}
	if all, ok := v.joined[name]; ok || len(parts) == 0 {
		return all
	}
	var all []route.Entry
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		all = append(all, parts[part]...)
	}
	v.joined[name] = all
	return all
}
