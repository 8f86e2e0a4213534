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
}

func newView(k keys) *view {
	return &view{keys: k, services: map[string]registry.Instance{}, entries: map[string]map[string][]route.Entry{}}
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
		delete(v.entries[name], part)
		if len(v.entries[name]) == 0 {
			delete(v.entries, name)
		}
	}
}

// instances returns a snapshot that shares nothing with later ones but the
// entries, which are never changed.
func (v *view) instances() []registry.Instance {
	all := make([]registry.Instance, 0, len(v.services))
	for name, i := range v.services {
		parts := v.entries[name]
		if len(parts) == 1 {
			for _, only := range parts {
				i.Entries = only
			}
		} else {
			for _, part := range slices.Sorted(maps.Keys(parts)) {
				i.Entries = append(i.Entries, parts[part]...)
			}
		}
		all = append(all, i)
	}
	return all
}
