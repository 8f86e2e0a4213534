package protoedit

import (
	"fmt"
	"strings"

	"github.com/bufbuild/protocompile/ast"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// RPC is an rpc to add.
type RPC struct {
	Name           string
	ID             uint32 // protocol ID; 0: none
	Request, Reply string // messages, as the file may name them; empty: NameRequest and NameReply
	Doc            string // its comment, lines without slashes; may be empty
}

// AddRPC returns the text of svc's file with an rpc added as its last, and with
// empty messages for those that r names and the package lacks.
func AddRPC(src *schema.Sources, s *schema.Schema, svc *schema.Service, r RPC) ([]byte, schema.Faults) {
	f, faults := open(src, svc.File.Path)
	if len(faults) > 0 {
		return nil, faults
	}
	if r.Request == "" {
		r.Request = r.Name + "Request"
	}
	if r.Reply == "" {
		r.Reply = r.Name + "Reply"
	}
	f.addMethod(f.service(svc), r)
	if r.ID != 0 {
		f.addImport("hawos/options.proto")
	}
	f.addMessages(s, svc, r)
	return f.result(), nil
}

// RenameRPC returns the text of m's file with another name for it.
func RenameRPC(src *schema.Sources, m *schema.Method, name string) ([]byte, schema.Faults) {
	f, faults := open(src, m.Service.File.Path)
	if len(faults) > 0 {
		return nil, faults
	}
	for _, d := range f.service(m.Service).Decls {
		if n, ok := d.(*ast.RPCNode); ok && n.Name.Val == string(m.Desc.Name()) {
			f.replace(f.start(n.Name), f.end(n.Name), name)
		}
	}
	return f.result(), nil
}

// service returns the node of a service; the schema has it, so the file does.
func (f *file) service(svc *schema.Service) *ast.ServiceNode {
	for _, d := range f.tree.Decls {
		if n, ok := d.(*ast.ServiceNode); ok && n.Name.Val == string(svc.Desc.Name()) {
			return n
		}
	}
	panic("the file has no service " + svc.Desc.FullName())
}

// addMethod adds the rpc behind the last statement of a service.
func (f *file) addMethod(svc *ast.ServiceNode, r RPC) {
	outer, _ := f.indentOf(svc)
	indent, unit := outer+f.unit(), f.unit()
	var last ast.Node = svc.OpenBrace
	spaced, oneLine := false, false
	for i, d := range svc.Decls {
		if own, ok := f.indentOf(d); ok {
			indent = own
		}
		if n, ok := d.(*ast.RPCNode); ok && n.OpenBrace != nil {
			oneLine = !strings.Contains(string(f.text[f.start(n.OpenBrace):f.end(n)]), "\n")
		}
		last, spaced = d, i == 0 || f.isSpaced(d)
	}
	var b strings.Builder
	b.WriteByte('\n')
	if spaced {
		b.WriteByte('\n')
	}
	for line := range strings.SplitSeq(r.Doc, "\n") {
		if r.Doc != "" {
			b.WriteString(strings.TrimRight(indent+"// "+line, " ") + "\n")
		}
	}
	fmt.Fprintf(&b, "%srpc %s(%s) returns (%s)", indent, r.Name, r.Request, r.Reply)
	switch {
	case r.ID == 0:
		b.WriteByte(';')
	case oneLine:
		fmt.Fprintf(&b, " { option (hawos.id) = %d; }", r.ID)
	default:
		fmt.Fprintf(&b, " {\n%soption (hawos.id) = %d;\n%s}", indent+unit, r.ID, indent)
	}
	at := f.behind(last)
	end := f.start(svc.CloseBrace)
	if space := string(f.text[at:end]); strings.TrimSpace(space) == "" && !strings.Contains(space, "\n") {
		f.replace(at, end, b.String()+"\n"+outer) // the brace was on the same line
		return
	}
	f.insert(at, b.String())
}

// addImport adds an import, unless the file has it.
func (f *file) addImport(path string) {
	var behind ast.Node
	text := "\n\nimport \"" + path + "\";"
	if f.tree.Syntax != nil {
		behind = f.tree.Syntax
	} else if f.tree.Edition != nil {
		behind = f.tree.Edition
	}
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *ast.PackageNode:
			behind = d
		case *ast.ImportNode:
			if d.Name.AsString() == path {
				return
			}
			behind, text = d, "\nimport \""+path+"\";"
		}
	}
	if behind == nil {
		f.insert(0, strings.TrimPrefix(text, "\n\n")+"\n\n")
		return
	}
	at := f.behind(behind)
	if rest := string(f.text[at:]); strings.HasPrefix(text, "\n\n") && strings.Count(rest[:len(rest)-len(strings.TrimLeft(rest, "\r\n"))], "\n") == 1 {
		text += "\n"
	}
	f.insert(at, text)
}

// addMessages adds those messages of an rpc that its package lacks: behind the
// last message of another rpc of the service in the file, else at its end.
func (f *file) addMessages(s *schema.Schema, svc *schema.Service, r RPC) {
	var anchor *ast.MessageNode
	for _, m := range svc.Methods {
		for _, d := range []protoreflect.MessageDescriptor{m.Desc.Input(), m.Desc.Output()} {
			if n := f.message(d); n != nil && (anchor == nil || f.start(n) > f.start(anchor)) {
				anchor = n
			}
		}
	}
	at, spaced := len(strings.TrimRight(string(f.text), " \t\r\n")), true
	if anchor != nil {
		at, spaced = f.behind(anchor), f.isSpaced(anchor)
	}
	added := map[string]bool{}
	for _, name := range []string{r.Request, r.Reply} {
		full := protoreflect.FullName(name)
		if pkg := svc.File.Desc.Package(); pkg != "" {
			full = pkg + "." + full
		}
		if strings.Contains(name, ".") || added[name] || s.Find(full) != nil {
			continue
		}
		added[name] = true
		text := "\nmessage " + name + " {}"
		if spaced {
			text = "\n" + text
		}
		f.insert(at, text)
	}
	if at == len(f.text) && len(added) > 0 {
		f.insert(at, "\n")
	}
}

// message returns the node of a top-level message; nil where it is in another
// file, or in another message.
func (f *file) message(d protoreflect.MessageDescriptor) *ast.MessageNode {
	if d.ParentFile().Path() != f.tree.Name() || d.Parent() != protoreflect.Descriptor(d.ParentFile()) {
		return nil
	}
	for _, decl := range f.tree.Decls {
		if n, ok := decl.(*ast.MessageNode); ok && n.Name.Val == string(d.Name()) {
			return n
		}
	}
	return nil
}
