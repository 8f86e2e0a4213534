// Package protofmt prints .proto files in hawos's one form: two blanks a level, a
// statement a line, one blank line at most. Tokens and comments stay what they
// are and in their order; only the space between them changes, so that a file
// means the same before and after, which File checks. Lists in brackets and
// option values stay on one line where they were on one.
//
// Start from File.
package protofmt

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/ast"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/hawosgen/schema"
)

// File returns the text of one of the sources' files in hawos's form. Faults are
// of its syntax. The error, a bug of this package, is that the result would mean
// something else; then there is no text.
func File(src *schema.Sources, path string) ([]byte, schema.Faults, error) {
	tree, faults := src.Tree(path)
	if len(faults) > 0 {
		return nil, faults, nil
	}
	text := src.File(path).Text
	out := format(tree, text)
	if bytes.Equal(out, text) {
		return out, nil, nil
	}
	after, faults := src.With(map[string][]byte{path: out}).Tree(path)
	if len(faults) > 0 {
		return nil, nil, fmt.Errorf("format %s: the result would not parse: %w", path, faults)
	}
	if err := same(tree, after); err != nil {
		return nil, nil, fmt.Errorf("format %s: %w", path, err)
	}
	return out, nil, nil
}

// format returns the file of a tree, which was parsed from text, in hawos's
// form. The text's line ends stay, and so does a byte order mark.
func format(tree *ast.FileNode, text []byte) []byte {
	p := &printer{layout: layoutOf(tree)}
	var gap []item
	for _, it := range itemsOf(tree) {
		gap = append(gap, it)
		if !it.isComment {
			p.print(gap)
			gap = nil
		}
	}
	out := strings.TrimRight(p.out.String(), "\n")
	if out != "" {
		out += "\n"
	}
	if bytes.Count(text, []byte("\r\n"))*2 > bytes.Count(text, []byte("\n")) {
		out = strings.ReplaceAll(out, "\n", "\r\n")
	}
	if bytes.HasPrefix(text, byteOrderMark) {
		out = string(byteOrderMark) + out
	}
	return []byte(out)
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// same returns an error unless two trees have the same tokens and comments, and
// make the same descriptor.
func same(before, after *ast.FileNode) error {
	text := func(it item) string { return it.text }
	if !slices.EqualFunc(itemsOf(before), itemsOf(after), func(a, b item) bool { return text(a) == text(b) }) {
		return errors.New("the result would have other tokens or comments")
	}
	a, errA := descriptor(before)
	b, errB := descriptor(after)
	if (errA == nil) != (errB == nil) || errA == nil && !proto.Equal(a, b) {
		return errors.New("the result would mean something else")
	}
	return nil
}

// descriptor returns what a tree says, before names are resolved; for those
// descriptors are the same where the texts are.
func descriptor(tree *ast.FileNode) (proto.Message, error) {
	quiet := reporter.NewHandler(reporter.NewReporter(func(err reporter.ErrorWithPos) error { return err }, nil))
	result, err := parser.ResultFromAST(tree, false, quiet)
	if err != nil {
		return nil, err
	}
	return result.FileDescriptorProto(), nil
}

// item is a token or a comment.
type item struct {
	text      string    // empty at the end of the file
	token     ast.Token // of a token
	isComment bool
	breaks    int // lines that end between it and the item before
}

// isLine reports whether the item is a comment that goes to the end of its line.
func (it item) isLine() bool { return it.isComment && strings.HasPrefix(it.text, "//") }

// itemsOf returns the tokens and comments of a file, the end of the file
// included.
func itemsOf(tree *ast.FileNode) []item {
	var out []item
	all := tree.Items()
	for i, ok := all.First(); ok; i, ok = all.Next(i) {
		info := tree.ItemInfo(i)
		it := item{text: info.RawText(), breaks: strings.Count(info.LeadingWhitespace(), "\n")}
		token, comment := tree.GetItem(i)
		if it.isComment = comment.IsValid(); it.isComment {
			it.text = strings.TrimRight(strings.ReplaceAll(it.text, "\r\n", "\n"), " \t\r\n\f\v")
		} else {
			it.token = token
		}
		out = append(out, it)
	}
	return out
}
