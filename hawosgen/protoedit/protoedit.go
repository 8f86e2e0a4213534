// Package protoedit changes the user's .proto files where they stand: what is
// added takes the indentation, the line ends and the spacing of what surrounds
// it, and every other byte stays. It compiles nothing: the caller does, before it
// writes.
//
// Start from AddRPC and RenameRPC.
package protoedit

import (
	"bytes"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/ast"

	"github.com/hawos/hawos/hawosgen/schema"
)

// file is one file that is edited.
type file struct {
	mark  []byte // byte order mark, which the tree's places do not count
	text  []byte // without it
	tree  *ast.FileNode
	edits []edit
}

// edit replaces text[from:to].
type edit struct {
	from, to int
	with     string
}

func open(src *schema.Sources, path string) (*file, schema.Faults) {
	tree, faults := src.Tree(path)
	if len(faults) > 0 {
		return nil, faults
	}
	text := src.File(path).Text
	body := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	return &file{mark: text[:len(text)-len(body)], text: body, tree: tree}, nil
}

// insert adds text, whose lines end in \n, at a place.
func (f *file) insert(at int, text string) { f.replace(at, at, text) }

func (f *file) replace(from, to int, text string) {
	if bytes.Count(f.text, []byte("\r\n"))*2 > bytes.Count(f.text, []byte("\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	f.edits = append(f.edits, edit{from, to, text})
}

// result returns the text with all edits, which do not overlap.
func (f *file) result() []byte {
	slices.SortStableFunc(f.edits, func(a, b edit) int { return a.from - b.from })
	out := slices.Clone(f.mark)
	at := 0
	for _, e := range f.edits {
		out = append(append(out, f.text[at:e.from]...), e.with...)
		at = e.to
	}
	return append(out, f.text[at:]...)
}

// start returns where a node begins.
func (f *file) start(n ast.Node) int { return f.tree.TokenInfo(n.Start()).Start().Offset }

// end returns where a node ends.
func (f *file) end(n ast.Node) int {
	info := f.tree.TokenInfo(n.End())
	return info.Start().Offset + len(info.RawText())
}

// behind returns where a node and the comments behind it, on its last line, end.
func (f *file) behind(n ast.Node) int {
	at := f.end(n)
	items := f.tree.Items()
	for i, ok := items.Next(n.End().AsItem()); ok; i, ok = items.Next(i) {
		_, comment := f.tree.GetItem(i)
		if !comment.IsValid() || strings.Contains(comment.LeadingWhitespace(), "\n") {
			return at
		}
		// A comment that leads what follows on the line is not ours.
		if next, ok := items.Next(i); ok && !f.isNextLine(next) {
			return at
		}
		at = comment.Start().Offset + len(strings.TrimRight(comment.RawText(), "\r\n"))
	}
	return at
}

// isNextLine reports whether an item begins a line, or ends the file or a block.
func (f *file) isNextLine(i ast.Item) bool {
	info := f.tree.ItemInfo(i)
	return strings.Contains(info.LeadingWhitespace(), "\n") || info.RawText() == "" || info.RawText() == "}"
}

// isSpaced reports whether there is a blank line above a node and its comments.
func (f *file) isSpaced(n ast.Node) bool {
	above := f.text[:f.start(n)]
	if comments := f.tree.NodeInfo(n).LeadingComments(); comments.Len() > 0 {
		above = f.text[:comments.Index(0).Start().Offset]
	}
	space := above[len(bytes.TrimRight(above, " \t\r\n")):]
	return bytes.Count(space, []byte("\n")) > 1
}

// indentOf returns the white space that a node's line begins with; it reports
// false where the node does not begin its line.
func (f *file) indentOf(n ast.Node) (string, bool) {
	at := f.start(n)
	line := f.text[bytes.LastIndexByte(f.text[:at], '\n')+1 : at]
	if len(bytes.Trim(line, " \t")) > 0 {
		return "", false
	}
	return string(line), true
}

// unit returns one level of indentation, as the file's first indented line has
// it; two blanks where none is.
func (f *file) unit() string {
	for line := range bytes.Lines(f.text) {
		body := bytes.TrimLeft(line, " \t")
		switch indent := line[:len(line)-len(body)]; {
		case len(indent) == 0 || len(bytes.TrimSpace(body)) == 0 || body[0] == '*':
		case indent[0] == '\t':
			return "\t"
		default:
			return string(indent)
		}
	}
	return "  "
}
