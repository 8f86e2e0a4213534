package schema

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/descriptorpb"
)

// compileDirty compiles only the files that have changed since they were kept,
// and those that import one of them. It reports false where nothing is kept, and
// where there is any fault: what is told of faults comes from compiling all.
func (s *Sources) compileDirty(ctx context.Context) (*Schema, bool) {
	kept := s.kept()
	if len(kept) == 0 {
		return nil, false
	}
	isDirty := func(path string) bool { return kept[path] == nil }
	files, faults := s.parse(ctx, isDirty)
	if len(faults) > 0 {
		return nil, false
	}
	report := &report{src: s, files: files}
	clean, symbols, err := s.linkKept(ctx, report, kept)
	if err != nil {
		return nil, false
	}
	dirty := s.linkDirty(ctx, report, files, clean)
	handler := reporter.NewHandler(report)
	for _, f := range dirty {
		if f == nil || symbols.Import(f, handler) != nil { // a name that a clean file has too
			return nil, false
		}
		clean[f.Path()] = f
	}
	linked := make([]linker.File, len(s.Files))
	for i, f := range s.Files {
		linked[i] = clean[f.Path]
	}
	out, faults := s.check(linked, report)
	if len(faults) > 0 {
		return nil, false
	}
	s.keep(dirty, report.warnings)
	return out, true
}

// linkDirty compiles parsed files against those that are linked already.
func (s *Sources) linkDirty(ctx context.Context, report *report, files []*parsed, linked map[string]linker.File) []linker.File {
	trees := make(map[string]*parsed, len(files))
	names := make([]string, len(files))
	for i, p := range files {
		trees[p.src.Path], names[i] = p, p.src.Path
	}
	return s.compile(ctx, report, names, func(name string) (protocompile.SearchResult, bool) {
		if p, ok := trees[name]; ok {
			return protocompile.SearchResult{AST: p.tree}, true
		}
		f, ok := linked[name]
		return protocompile.SearchResult{Desc: f}, ok
	})
}

// linkKept links kept files, and what they import from elsewhere. All of it is in
// the result by path, its names in the symbols.
func (s *Sources) linkKept(ctx context.Context, report *report, kept map[string]*descriptorpb.FileDescriptorProto) (map[string]linker.File, *linker.Symbols, error) {
	linked := s.linkForeign(ctx, report, kept)
	handler, symbols := reporter.NewHandler(report), &linker.Symbols{}
	for len(kept) > 0 { // a round links what imports only what is linked
		var ready []string
		for _, name := range slices.Sorted(maps.Keys(kept)) {
			if !slices.ContainsFunc(kept[name].Dependency, func(to string) bool { return linked[to] == nil }) {
				ready = append(ready, name)
			}
		}
		if len(ready) == 0 {
			return nil, nil, fmt.Errorf("what is kept of %d files does not fit together", len(kept))
		}
		done, err := linkAll(ready, kept, linked, symbols, handler)
		if err != nil {
			return nil, nil, err
		}
		rest := maps.Clone(kept)
		for i, name := range ready {
			linked[name] = done[i]
			delete(rest, name)
		}
		kept = rest
	}
	return linked, symbols, nil
}

// linkForeign compiles what kept files import that is not the project's.
func (s *Sources) linkForeign(ctx context.Context, report *report, kept map[string]*descriptorpb.FileDescriptorProto) map[string]linker.File {
	linked := map[string]linker.File{}
	for _, f := range s.compile(ctx, report, s.foreignImports(kept), func(string) (protocompile.SearchResult, bool) { return protocompile.SearchResult{}, false }) {
		if f != nil {
			linked[f.Path()] = f
		}
	}
	// Of files that are imported, not compiled for themselves, nobody wants to
	// hear what they do not use.
	report.warnings = slices.DeleteFunc(report.warnings, func(w Fault) bool { return strings.HasSuffix(w.Text, notUsed) })
	return linked
}

// linkAll links kept files that do not import each other, several at once.
func linkAll(names []string, kept map[string]*descriptorpb.FileDescriptorProto, linked map[string]linker.File, symbols *linker.Symbols, handler *reporter.Handler) ([]linker.File, error) {
	out := make([]linker.File, len(names))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		g.Go(func() error {
			var imports linker.Files
			for _, to := range kept[name].Dependency {
				imports = append(imports, linked[to])
			}
			f, err := linker.Link(parser.ResultWithoutAST(kept[name]), imports, symbols, handler)
			if err != nil {
				return err
			}
			f.PopulateSourceCodeInfo()
			out[i] = f
			return nil
		})
	}
	return out, g.Wait()
}

// foreignImports returns what kept files import that is not the project's.
func (s *Sources) foreignImports(kept map[string]*descriptorpb.FileDescriptorProto) []string {
	names := map[string]bool{}
	for _, f := range kept {
		for _, to := range f.Dependency {
			if s.byPath[to] == nil {
				names[to] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}
