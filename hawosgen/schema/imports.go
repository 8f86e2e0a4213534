package schema

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/ast"
)

// checkImports finds imports that lead nowhere or in a ring, and marks the files
// that cannot be linked: those with a fault, and those that import them.
func (s *Sources) checkImports(files []*parsed) Faults {
	var faults Faults
	byPath := make(map[string]*parsed, len(files))
	for _, p := range files {
		byPath[p.src.Path] = p
	}
	for _, p := range files {
		for _, imp := range p.imports {
			name := imp.Name.AsString()
			if byPath[name] == nil && !provided(name) && !s.isThird(name) {
				p.bad = true
				faults = append(faults, s.fault(s.node(p.tree, imp.Name), fmt.Sprintf("import %q is not found", name), s.whereIs(name)))
			}
		}
	}
	faults = append(faults, s.checkRings(files, byPath)...)
	for changed := true; changed; {
		changed = false
		for _, p := range files {
			if !p.bad && slices.ContainsFunc(p.imports, func(imp *ast.ImportNode) bool {
				to := byPath[imp.Name.AsString()]
				return to != nil && to.bad
			}) {
				p.bad, changed = true, true
			}
		}
	}
	return faults
}

// whereIs says where an import was looked for, and what may have been meant.
func (s *Sources) whereIs(name string) string {
	for i := range s.Files {
		f := &s.Files[i]
		if name == path.Join(f.Root, f.Path) || strings.HasSuffix(name, "/"+f.Path) || strings.HasSuffix(f.Path, "/"+name) {
			return fmt.Sprintf("write import %q: paths of imports begin below %s", f.Path, f.Root)
		}
	}
	for i := range s.Files {
		if f := &s.Files[i]; path.Base(f.Path) == path.Base(name) {
			return fmt.Sprintf("was %q meant? %s", f.Path, s.looked())
		}
	}
	return s.looked()
}

func (s *Sources) looked() string {
	roots := make([]string, len(s.config.Roots))
	for i, r := range s.config.Roots {
		roots[i] = fmt.Sprintf("%q", r)
	}
	for _, in := range s.config.Imports {
		roots = append(roots, fmt.Sprintf("%q", in.Name))
	}
	return "looked in " + strings.Join(roots, ", ") + ", hawos's own files and protobuf's well-known ones; put the file there, or mend the path"
}

// checkRings finds imports that lead back to their file, each ring once.
func (s *Sources) checkRings(files []*parsed, byPath map[string]*parsed) Faults {
	const inside, done = 1, 2
	state := map[*parsed]int{}
	var trail []*parsed
	var faults Faults
	var visit func(p *parsed)
	visit = func(p *parsed) {
		state[p] = inside
		trail = append(trail, p)
		for _, imp := range p.imports {
			to := byPath[imp.Name.AsString()]
			switch {
			case to == nil || state[to] == done:
			case state[to] == inside:
				ring := trail[slices.Index(trail, to):]
				names := make([]string, 0, len(ring)+1)
				for _, r := range ring {
					r.bad = true
					names = append(names, r.src.Path)
				}
				faults = append(faults, s.fault(s.node(p.tree, imp.Name),
					"files import each other in a ring: "+strings.Join(append(names, to.src.Path), " → "),
					"move what they share into a file that imports none of them"))
			default:
				visit(to)
			}
		}
		trail = trail[:len(trail)-1]
		state[p] = done
	}
	for _, p := range files {
		if state[p] == 0 {
			visit(p)
		}
	}
	return faults
}
