package upgrade

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/hawos/hawos/hawosgen/origin"
	"github.com/hawos/hawos/hawosgen/project"
)

// keys renames keys of hawos.yaml.
func keys(text []byte, renames []Rename) ([]Edit, []byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", project.File, err)
	}
	var list []splice
	for _, r := range renames {
		at := find(&doc, strings.Split(r.Old, "."))
		if at == nil {
			continue
		}
		offset := 0
		for range at.Line - 1 {
			offset += bytes.IndexByte(text[offset:], '\n') + 1
		}
		offset += at.Column - 1
		if !bytes.HasPrefix(text[offset:], []byte(at.Value)) {
			return nil, nil, fmt.Errorf("%s:%d: write the key as plain %s, without quotes", project.File, at.Line, at.Value)
		}
		list = append(list, splice{at: offset, old: at.Value, new: r.New[strings.LastIndexByte(r.New, '.')+1:], line: at.Line})
	}
	edits, after := apply(text, list)
	return edits, after, nil
}

// find returns the node of a key; nil where there is none.
func find(n *yaml.Node, key []string) *yaml.Node {
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch {
		case n.Content[i].Value != key[0]:
		case len(key) == 1:
			return n.Content[i]
		default:
			return find(n.Content[i+1], key[1:])
		}
	}
	return nil
}

// require raises the version of hawos that a go.mod requires. A newer one stays,
// and so does all where a replace line takes hawos from elsewhere.
func require(text []byte, version string) ([]Edit, []byte, error) {
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range mod.Replace {
		if r.Old.Path == origin.Module {
			return nil, text, nil
		}
	}
	for _, r := range mod.Require {
		if r.Mod.Path != origin.Module || semver.Compare(r.Mod.Version, version) >= 0 {
			continue
		}
		at := r.Syntax.Start.Byte + bytes.LastIndex(text[r.Syntax.Start.Byte:r.Syntax.End.Byte], []byte(r.Mod.Version))
		edits, after := apply(text, []splice{{at: at, old: r.Mod.Version, new: version, line: r.Syntax.Start.Line}})
		return edits, after, nil
	}
	return nil, text, nil
}
