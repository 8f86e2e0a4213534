package protofmt

import (
	"strings"

	"github.com/bufbuild/protocompile/ast"
)

// layout says where lines break and which tokens stand close.
type layout struct {
	open   map[ast.Token]bool // the lines behind it are one level deeper
	close  map[ast.Token]bool // ends what an open one began
	begin  map[ast.Token]bool // begins a line
	end    map[ast.Token]bool // ends a line
	glued  map[ast.Token]bool // no space before it
	spaced map[ast.Token]bool // a space before it, whatever it is
	soft   map[ast.Token]bool // begins a line where it did
}

func layoutOf(tree *ast.FileNode) *layout {
	l := &layout{
		open: map[ast.Token]bool{}, close: map[ast.Token]bool{}, begin: map[ast.Token]bool{}, end: map[ast.Token]bool{},
		glued: map[ast.Token]bool{}, spaced: map[ast.Token]bool{}, soft: map[ast.Token]bool{},
	}
	// The visitor returns no error, and so Walk does not.
	_ = ast.Walk(tree, &ast.SimpleVisitor{DoVisitNode: func(n ast.Node) error {
		l.node(tree, n)
		return nil
	}})
	return l
}

// node lays out what is particular to one node.
func (l *layout) node(tree *ast.FileNode, n ast.Node) {
	switch n := n.(type) {
	case *ast.MessageNode:
		l.body(n, n.OpenBrace, n.CloseBrace, len(n.Decls))
	case *ast.GroupNode:
		l.body(n, n.OpenBrace, n.CloseBrace, len(n.Decls))
	case *ast.EnumNode:
		l.body(n, n.OpenBrace, n.CloseBrace, len(n.Decls))
	case *ast.ServiceNode:
		l.body(n, n.OpenBrace, n.CloseBrace, len(n.Decls))
	case *ast.OneofNode:
		l.body(n, n.OpenBrace, n.CloseBrace, len(n.Decls))
	case *ast.ExtendNode:
		l.body(n, n.OpenBrace, n.CloseBrace, len(n.Decls))
	case *ast.RPCNode:
		l.glued[n.Input.OpenParen.Token()] = true
		if n.OpenBrace != nil {
			l.body(n, n.OpenBrace, n.CloseBrace, len(n.Decls))
		} else {
			l.statement(n)
		}
	case *ast.SyntaxNode, *ast.EditionNode, *ast.ImportNode, *ast.PackageNode, *ast.FieldNode, *ast.MapFieldNode,
		*ast.EnumValueNode, *ast.ReservedNode, *ast.ExtensionRangeNode:
		l.statement(n)
	case *ast.OptionNode:
		if n.Keyword != nil {
			l.statement(n)
		}
	case *ast.EmptyDeclNode:
		l.end[n.End()] = true
	default:
		l.value(tree, n)
	}
}

// value lays out the parts of statements.
func (l *layout) value(tree *ast.FileNode, n ast.Node) {
	switch n := n.(type) {
	case *ast.CompoundIdentNode:
		l.glue(n)
	case *ast.FieldReferenceNode:
		l.glue(n)
	case *ast.OptionNameNode:
		l.glue(n)
	case *ast.MapTypeNode:
		l.glued[n.OpenAngle.Token()] = true
		l.glued[n.KeyType.Token()] = true
		l.glued[n.CloseAngle.Token()] = true
	case *ast.NegativeIntLiteralNode:
		l.glued[n.Uint.Token()] = true
	case *ast.SignedFloatLiteralNode:
		l.glued[n.Float.Start()] = true
	case *ast.CompoundStringLiteralNode:
		for _, part := range n.Children()[1:] {
			l.soft[part.Start()] = true
		}
	case *ast.CompactOptionsNode:
		starts := make([]ast.Node, len(n.Options))
		for i, o := range n.Options {
			starts[i] = o
		}
		l.group(tree, n.OpenBracket, n.CloseBracket, starts)
	case *ast.ArrayLiteralNode:
		starts := make([]ast.Node, len(n.Elements))
		for i, e := range n.Elements {
			starts[i] = e
		}
		l.group(tree, n.OpenBracket, n.CloseBracket, starts)
	case *ast.MessageLiteralNode:
		starts := make([]ast.Node, len(n.Elements))
		for i, e := range n.Elements {
			starts[i] = e
		}
		l.group(tree, n.Open, n.Close, starts)
	}
}

// statement has a line of its own.
func (l *layout) statement(n ast.Node) {
	l.begin[n.Start()] = true
	l.end[n.End()] = true
}

// body has its statements on lines of their own, one level deeper. An empty one
// is {} unless there are comments in it.
func (l *layout) body(n ast.Node, open, end *ast.RuneNode, statements int) {
	l.begin[n.Start()] = true
	l.end[n.End()] = true
	l.spaced[open.Token()] = true
	l.open[open.Token()], l.close[end.Token()] = true, true
	if statements > 0 {
		l.end[open.Token()], l.begin[end.Token()] = true, true
	}
}

// glue has all tokens of n close together.
func (l *layout) glue(n ast.Node) {
	for t := n.Start() + 1; t <= n.End(); t++ {
		l.glued[t] = true
	}
}

// group is a list in brackets. Where it had line breaks between its parts, each
// part has a line of its own.
func (l *layout) group(tree *ast.FileNode, open, end *ast.RuneNode, parts []ast.Node) {
	broken := false
	for _, at := range append(parts, end) {
		broken = broken || breaksBefore(tree, at.Start())
	}
	if !broken {
		return
	}
	l.open[open.Token()], l.close[end.Token()] = true, true
	for _, at := range parts {
		l.begin[at.Start()] = true
	}
	l.begin[end.Token()] = true
}

// breaksBefore reports whether a token was on another line than the one before.
func breaksBefore(tree *ast.FileNode, t ast.Token) bool {
	before, ok := tree.Tokens().Previous(t)
	return ok && tree.TokenInfo(before).End().Line < tree.TokenInfo(t).Start().Line
}

// space reports whether there is a blank between two tokens of a line.
func (l *layout) space(before, it item) bool {
	switch {
	case l.glued[it.token]:
		return false
	case l.spaced[it.token]:
		return true
	}
	return !strings.Contains(";,:)]>}", it.text) && !strings.Contains("([<{", before.text)
}
