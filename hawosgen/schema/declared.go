package schema

import "google.golang.org/protobuf/reflect/protoreflect"

// Declared returns the names that the official generators declare in one of the
// project's Go packages. What hawosgen adds to it has other names.
func (s *Schema) Declared(importPath string) map[string]bool {
	scope := &goScope{declared: map[string]protoreflect.Descriptor{}}
	for _, f := range s.Owned() {
		if f.Go.ImportPath == importPath {
			scope.file(f)
		}
	}
	names := make(map[string]bool, len(scope.declared))
	for name := range scope.declared {
		names[name] = true
	}
	return names
}
