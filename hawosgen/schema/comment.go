package schema

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// docOf returns the comment above d, else the one behind it, as plain text: no
// slashes, no blank before each line, no blank lines around it.
func docOf(d protoreflect.Descriptor) string {
	loc := d.ParentFile().SourceLocations().ByDescriptor(d)
	text := loc.LeadingComments
	if strings.TrimSpace(text) == "" {
		text = loc.TrailingComments
	}
	lines := strings.Split(strings.Trim(text, "\r\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(strings.TrimPrefix(l, " "), " \t\r")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
