package etcd

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

// chunkBytes is what one value of protocol IDs stays below; etcd refuses
// requests over 1.5 MiB.
const chunkBytes = 512 << 10

// keys are the paths of one namespace.
type keys struct{ root string }

func newKeys(namespace string) keys { return keys{root: "/hawos/" + namespace + "/"} }

func (k keys) service(i registry.Instance) string {
	return k.root + "services/" + i.App + "/" + i.ID
}

// protocols is the key of the IDs, or, where they are split, the folder of the
// parts.
func (k keys) protocols(i registry.Instance) string {
	return k.root + "protocols/" + i.App + "/" + i.ID
}

// parse takes a key apart: kind is "services" or "protocols", rest is the number
// of the part of a split value.
func (k keys) parse(key string) (kind, app, instance, rest string, ok bool) {
	path, ok := strings.CutPrefix(key, k.root)
	if !ok {
		return "", "", "", "", false
	}
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 3 && (parts[0] == "services" || parts[0] == "protocols"):
		return parts[0], parts[1], parts[2], "", true
	case len(parts) == 4 && parts[0] == "protocols":
		return parts[0], parts[1], parts[2], parts[3], true
	}
	return "", "", "", "", false
}

type pair struct{ key, value string }

// pairs returns what is stored for the instance: its service entry first, then
// its protocol IDs.
func (k keys) pairs(i registry.Instance) ([]pair, error) {
	service, err := json.Marshal(i)
	if err != nil {
		return nil, fmt.Errorf("encode %q: %w", i.ID, err)
	}
	chunks, err := encodeEntries(i.Entries, chunkBytes)
	if err != nil {
		return nil, fmt.Errorf("encode the protocol IDs of %q: %w", i.ID, err)
	}
	all := []pair{{k.service(i), string(service)}}
	for n, c := range chunks {
		key := k.protocols(i)
		if len(chunks) > 1 {
			key += "/" + strconv.Itoa(n)
		}
		all = append(all, pair{key, c})
	}
	return all, nil
}

// encodeEntries returns the entries as JSON lists of at most limit bytes each.
func encodeEntries(entries []route.Entry, limit int) ([]string, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	var chunks []string
	var b strings.Builder
	b.WriteByte('[')
	for _, e := range entries {
		one, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		if b.Len() > 1 && b.Len()+len(one)+2 > limit {
			chunks = append(chunks, b.String()+"]")
			b.Reset()
			b.WriteByte('[')
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(one)
	}
	return append(chunks, b.String()+"]"), nil
}
