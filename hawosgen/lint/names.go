package lint

import (
	"fmt"
	"path"
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// style is how names of a kind are written.
type style struct {
	name string
	make func(string) string // returns the name as it should be; itself where it is
}

var (
	camel = style{"CamelCase", toCamel}
	lower = style{"lower_snake_case", toLowerSnake}
	upper = style{"UPPER_SNAKE_CASE", func(s string) string { return strings.ToUpper(toLowerSnake(s)) }}
)

// named checks one name.
func (l *linter) named(rule, kind string, d protoreflect.Descriptor, s style) {
	if want := s.make(string(d.Name())); want != string(d.Name()) {
		l.find(rule, l.schema.Place(d), fmt.Sprintf("%s %s is not in %s", kind, quote(d), s.name), "call it "+want)
	}
}

// file checks the names in one file.
func (l *linter) file(f *schema.File) {
	l.pkg(f)
	l.enums(f.Desc.Enums())
	l.messages(f.Desc.Messages())
}

func (l *linter) pkg(f *schema.File) {
	const packageTag = 2
	pkg, at := string(f.Desc.Package()), l.schema.Place(f.Desc, packageTag)
	if pkg == "" {
		l.find(packageName, at, "the file has no package", "add package "+folderPackage(f.Path)+";")
		return
	}
	segments := strings.Split(pkg, ".")
	for i, s := range segments {
		segments[i] = toLowerSnake(s)
	}
	if want := strings.Join(segments, "."); want != pkg {
		l.find(packageName, at, fmt.Sprintf("package %q is not in lower_snake_case", pkg), "call it "+want)
	}
	if folder := strings.ReplaceAll(pkg, ".", "/"); path.Dir(f.Path) != folder {
		l.find(packageFolder, at, fmt.Sprintf("package %q lies in the folder %q", pkg, path.Dir(f.Path)), "move the file to "+path.Join(f.Root, folder))
	}
}

// folderPackage returns the package of a file's folder.
func folderPackage(file string) string {
	if dir := path.Dir(file); dir != "." {
		return strings.ReplaceAll(dir, "/", ".")
	}
	return strings.TrimSuffix(path.Base(file), ".proto") + ".v1"
}

func (l *linter) messages(list protoreflect.MessageDescriptors) {
	for i := range list.Len() {
		m := list.Get(i)
		if m.IsMapEntry() {
			continue
		}
		l.named(messageName, "message", m, camel)
		for i := range m.Fields().Len() {
			l.field(m.Fields().Get(i))
		}
		for i := range m.Oneofs().Len() {
			if o := m.Oneofs().Get(i); !o.IsSynthetic() {
				l.named(oneofName, "oneof", o, lower)
			}
		}
		l.enums(m.Enums())
		l.messages(m.Messages())
	}
}

func (l *linter) field(f protoreflect.FieldDescriptor) {
	if f.Kind() != protoreflect.GroupKind { // a group's field has its message's name in lower case
		l.named(fieldName, "field", f, lower)
	}
	if f.Cardinality() == protoreflect.Required {
		l.find(requiredField, l.schema.Place(f), fmt.Sprintf("field %s is required", quote(f)), "make it optional, and check it in the handler")
	}
}

func (l *linter) enums(list protoreflect.EnumDescriptors) {
	for i := range list.Len() {
		e := list.Get(i)
		l.named(enumName, "enum", e, camel)
		for i := range e.Values().Len() {
			l.named(enumValueName, "enum value", e.Values().Get(i), upper)
		}
		zero := e.Values().ByNumber(0)
		if zero != nil && !strings.HasSuffix(string(zero.Name()), "UNSPECIFIED") {
			l.find(enumZero, l.schema.Place(zero), fmt.Sprintf("enum value %s is what a client that gives none says", quote(zero)),
				"begin with "+strings.ToUpper(toLowerSnake(string(e.Name())))+"_UNSPECIFIED = 0")
		}
	}
}

// toCamel returns a name in CamelCase.
func toCamel(name string) string {
	var b strings.Builder
	word := true
	for _, r := range name {
		switch {
		case r == '_':
			word = true
		case word:
			b.WriteRune(unicode.ToUpper(r))
			word = false
		default:
			b.WriteRune(r)
		}
	}
	if out := b.String(); out == strings.ToUpper(out) && strings.Contains(strings.Trim(name, "_"), "_") {
		return toCamel(strings.ToLower(name)) // JOIN_REQUEST is JoinRequest
	}
	return b.String()
}

// toLowerSnake returns a name in lower_snake_case.
func toLowerSnake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		isUpper := func(i int) bool { return i >= 0 && i < len(runes) && unicode.IsUpper(runes[i]) }
		isLower := func(i int) bool { return i >= 0 && i < len(runes) && unicode.IsLower(runes[i]) }
		// A word begins at a capital behind a small letter, and at the last of
		// several capitals before one: userID, HTTPPort.
		if isUpper(i) && (isLower(i-1) || isUpper(i-1) && isLower(i+1)) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Trim(collapsed(b.String()), "_")
}

// collapsed makes one underscore of several.
func collapsed(s string) string {
	for strings.Contains(s, "__") {
		s = strings.ReplaceAll(s, "__", "_")
	}
	return s
}
