package schema

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/linker"

	"github.com/hawos/hawos/hawosgen/memo"
)

// Config says which files make up a schema.
type Config struct {
	// Dir is the project's folder. Where it is given, faults show files by their
	// path in it (protos/chat/v1/chat.proto), else by the path in their root.
	// Default: the working directory.
	Dir string
	// Roots are the folders that hold .proto files and that imports are resolved
	// in, relative to Dir or absolute. At least one.
	Roots []string
	// Imports are further folders that imports are resolved in, after Roots. May be
	// nil.
	Imports []Import
	// Module is the Go import path of Dir: example.com/demo.
	Module string
	// Out is the folder of generated code, slash-separated and relative to Dir:
	// gen.
	Out string
	// Locked are the protocol IDs of hawos.lock, which no remedy proposes. May be
	// nil.
	Locked []uint32
	// Compiled keeps what files were compiled to, for the next run. nil: each run
	// compiles all.
	Compiled *memo.Folder
}

// Compile reads and compiles all .proto files below the roots. Either the schema
// or the faults are nil. A cancelled ctx ends it early, which is a fault too.
func Compile(ctx context.Context, c Config) (*Schema, Faults) {
	src, faults := Read(c)
	if len(faults) > 0 {
		return nil, faults.Sorted()
	}
	return src.Compile(ctx)
}

// Compile compiles the files. Either the schema or the faults are nil; faults
// and warnings are sorted.
func (s *Sources) Compile(ctx context.Context) (*Schema, Faults) {
	if out, ok := s.compileDirty(ctx); ok {
		return out, nil
	}
	files, faults := s.parse(ctx, everyFile)
	if files == nil && len(faults) > 0 {
		return nil, faults
	}
	faults = append(faults, s.checkSymbols(files)...)
	faults = append(faults, s.checkImports(files)...)
	linked, report := s.link(ctx, files)
	out, more := s.check(linked, report)
	faults = append(faults, more...)
	if len(faults) > 0 {
		return nil, faults.Sorted()
	}
	s.keep(linked, report.warnings)
	return out, nil
}

// check makes a schema of linked files. Either the schema or the faults are nil.
func (s *Sources) check(linked []linker.File, report *report) (*Schema, Faults) {
	c := &checker{src: s, schema: &Schema{byPath: map[string]*File{}, Warnings: slices.Clone(report.warnings), src: s}}
	c.files(linked)
	c.goPackages()
	c.services()
	c.pushes()
	c.errors()
	c.checkIDs()
	if faults := append(report.faults, c.faults...); len(faults) > 0 {
		return nil, faults
	}
	c.settleWarnings()
	return c.schema, nil
}

// checker fills a schema stage by stage and collects what is wrong.
type checker struct {
	src    *Sources
	schema *Schema
	faults Faults
}

// fault takes in one fault.
func (c *checker) fault(pos Pos, text, remedy string, also ...Note) {
	c.faults = append(c.faults, c.src.fault(pos, text, remedy, also...))
}

// warn takes in one warning.
func (c *checker) warn(pos Pos, text, remedy string) {
	c.schema.Warnings = append(c.schema.Warnings, c.src.fault(pos, text, remedy))
}

// owned returns the project's own files by path.
func (c *checker) owned() []*File {
	out := c.schema.Owned()
	slices.SortFunc(out, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// settleWarnings sorts the warnings, without those of imports that are there for
// the pushes that a service announces.
func (c *checker) settleWarnings() {
	c.schema.Warnings = slices.DeleteFunc(c.schema.Warnings.Sorted(), func(w Fault) bool {
		name, unused := strings.CutSuffix(w.Text, notUsed)
		return unused && slices.ContainsFunc(c.schema.Pushes, func(p *Push) bool { return name == fmt.Sprintf("import %q", p.File.Path) })
	})
}
