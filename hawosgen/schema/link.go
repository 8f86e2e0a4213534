package schema

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/protoutil"
	"github.com/bufbuild/protocompile/reporter"

	"github.com/hawos/hawos/runtime/hawospb"
)

// provided reports whether a file comes with hawosgen.
func provided(name string) bool {
	if strings.HasPrefix(name, "hawos/") {
		_, err := fs.Stat(hawospb.Protos, name)
		return err == nil
	}
	if !strings.HasPrefix(name, "google/protobuf/") {
		return false
	}
	none := protocompile.ResolverFunc(func(string) (protocompile.SearchResult, error) {
		return protocompile.SearchResult{}, fs.ErrNotExist
	})
	_, err := protocompile.WithStandardImports(none).FindFileByPath(name)
	return err == nil
}

// link compiles the files that have no fault yet, and what they import. The
// result leaves out those that turn out to have one.
func (s *Sources) link(ctx context.Context, files []*parsed) ([]linker.File, *report) {
	trees := make(map[string]*parsed, len(files))
	var names []string
	for _, p := range files {
		if !p.bad {
			trees[p.src.Path] = p
			names = append(names, p.src.Path)
		}
	}
	report := &report{src: s, files: files}
	linked := s.compile(ctx, report, names, func(name string) (protocompile.SearchResult, bool) {
		if p, ok := trees[name]; ok {
			return protocompile.SearchResult{AST: p.tree}, true
		}
		return protocompile.SearchResult{}, false
	})
	report.settle()
	return report.sound(linked), report
}

// compile compiles the files of the names. at finds those of the project, and may
// find others; the rest come with hawosgen or lie in a folder of imports. Files
// with a fault are nil in the result.
func (s *Sources) compile(ctx context.Context, report *report, names []string, at func(name string) (protocompile.SearchResult, bool)) []linker.File {
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(func(name string) (protocompile.SearchResult, error) {
			if found, ok := at(name); ok {
				return found, nil
			}
			text, err := hawospb.Protos.ReadFile(name)
			if errors.Is(err, fs.ErrNotExist) {
				text, _, err = s.third(name)
			}
			if err != nil {
				return protocompile.SearchResult{}, err
			}
			return protocompile.SearchResult{Source: bytes.NewReader(text)}, nil
		})),
		MaxParallelism: runtime.GOMAXPROCS(0),
		Reporter:       report,
		SourceInfoMode: protocompile.SourceInfoStandard | protocompile.SourceInfoExtraOptionLocations,
	}
	linked, err := compiler.Compile(ctx, names...)
	if err != nil && (!errors.Is(err, reporter.ErrInvalidSource) || len(report.faults) == 0) {
		report.faults = append(report.faults, report.compilerError(err))
	}
	return linked
}

// compilerError turns an error that the compiler does not report by place into a
// fault.
func (r *report) compilerError(err error) Fault {
	if placed := reporter.ErrorWithPos(nil); errors.As(err, &placed) {
		return r.compilerFault(placed)
	}
	return Fault{Text: fmt.Sprintf("compile the .proto files: %v", err)}
}

// sound returns the files that have no fault and import none that has, so that
// what is checked later does not depend on which of two files the compiler came
// to first.
func (r *report) sound(linked []linker.File) []linker.File {
	bad := map[string]bool{}
	for _, f := range r.faults {
		bad[f.Pos.File] = true
		for _, n := range f.Also {
			bad[n.Pos.File] = true
		}
	}
	known := map[string]bool{}
	var ok func(f linker.File) bool
	ok = func(f linker.File) bool {
		if sound, seen := known[f.Path()]; seen {
			return sound
		}
		known[f.Path()] = !bad[f.Path()]
		for i := range f.Imports().Len() {
			if to := f.FindImportByPath(f.Imports().Get(i).Path()); to != nil && !ok(to) {
				known[f.Path()] = false
			}
		}
		return known[f.Path()]
	}
	var out []linker.File
	for _, f := range linked {
		if f != nil && ok(f) {
			out = append(out, f)
		}
	}
	return out
}

// files takes in the linked files and what they import, imports first.
func (c *checker) files(linked []linker.File) {
	for _, f := range linked {
		c.file(f)
	}
}

func (c *checker) file(f linker.File) {
	if c.schema.byPath[f.Path()] != nil {
		return
	}
	for i := range f.Imports().Len() {
		if to := f.FindImportByPath(f.Imports().Get(i).Path()); to != nil {
			c.file(to)
		}
	}
	file := &File{Path: f.Path(), Desc: f, Proto: protoutil.ProtoFromFileDescriptor(f)}
	if src := c.src.byPath[f.Path()]; src != nil && !c.foreign(f.Path(), file.Proto.GetOptions().GetGoPackage()) {
		file.Owned, file.Root = true, src.Root
	}
	c.schema.byPath[f.Path()] = file
	c.schema.Files = append(c.schema.Files, file)
}

// foreign reports whether a file of the roots has its official Go code
// elsewhere: a copy of one of Google's APIs, whose messages a process may hold
// only once.
func (c *checker) foreign(name, goPackage string) bool {
	importPath, _, _ := strings.Cut(goPackage, ";")
	return strings.HasPrefix(name, "google/") && strings.HasPrefix(importPath, "google.golang.org/") && !within(importPath, c.src.config.Module)
}
