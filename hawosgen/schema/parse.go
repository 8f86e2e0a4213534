package schema

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/ast"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"golang.org/x/sync/errgroup"
)

// parsed is a file's syntax tree and what it imports.
type parsed struct {
	src     *Source
	tree    *ast.FileNode
	imports []*ast.ImportNode
	pkg     string // set by checkSymbols
	bad     bool   // it, or something that it imports, has a fault already
}

// everyFile wants all files parsed.
func everyFile(string) bool { return true }

// parse parses the files whose path is wanted, several at once. The result has
// the order of s.Files.
func (s *Sources) parse(ctx context.Context, wanted func(path string) bool) ([]*parsed, Faults) {
	var sources []*Source
	for i := range s.Files {
		if wanted(s.Files[i].Path) {
			sources = append(sources, &s.Files[i])
		}
	}
	files := make([]*parsed, len(sources))
	each := make([]Faults, len(sources))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, src := range sources {
		g.Go(func() error {
			if ctx.Err() == nil {
				files[i], each[i] = s.parseFile(src)
			}
			return nil
		})
	}
	_ = g.Wait()
	if err := ctx.Err(); err != nil {
		return nil, Faults{{Text: fmt.Sprintf("compile the .proto files: %v", err)}}
	}
	return files, slices.Concat(each...)
}

// parseFile parses one file.
func (s *Sources) parseFile(src *Source) (p *parsed, faults Faults) {
	p = &parsed{src: src}
	report := &report{src: s}
	defer func() {
		if r := recover(); r != nil { // a bug of the parser must not end the run
			report.faults = append(report.faults, Fault{Pos: s.at(src, 0, 0), Text: fmt.Sprintf("the parser of .proto files gave up: %v", r)})
		}
		p.bad = len(report.faults) > 0
		faults = oneSyntaxErrorAPlace(report.faults)
	}()
	p.tree, _ = parser.Parse(src.Path, bytes.NewReader(src.Text), reporter.NewHandler(report))
	if p.tree == nil {
		return p, nil
	}
	for _, d := range p.tree.Decls {
		if imp, ok := d.(*ast.ImportNode); ok {
			p.imports = append(p.imports, imp)
		}
	}
	if e := p.tree.Edition; e != nil && e.Edition.AsString() > lastEdition {
		report.faults = append(report.faults, s.fault(s.node(p.tree, e.Edition),
			fmt.Sprintf("edition %q is not supported; %s is the last that is", e.Edition.AsString(), lastEdition),
			fmt.Sprintf("write edition = %q", lastEdition)))
	}
	return p, nil
}

// lastEdition is the newest edition that the compiler knows.
const lastEdition = "2023"

// oneSyntaxErrorAPlace keeps the first of the syntax errors that the parser
// reports of one token.
func oneSyntaxErrorAPlace(faults Faults) Faults {
	isSyntax := func(f Fault) bool { return strings.HasPrefix(f.Text, "syntax error") }
	return slices.CompactFunc(faults.Sorted(), func(a, b Fault) bool {
		return a.Pos == b.Pos && isSyntax(a) && isSyntax(b)
	})
}
