package schema

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in a file that the user wrote.
type Fault struct {
	Pos    Pos
	Text   string // what is wrong: lower case, no full stop
	Remedy string // what to do; may be empty
	Source string // the source's line at Pos; empty where it is not known
	Also   []Note // other places that belong to it
}

// Note is a second place of a fault: "first given here".
type Note struct {
	Text string
	Pos  Pos
}

// Pos is a place in a file. The zero Pos is no place.
type Pos struct {
	Root      string // the folder that File is in, slash-separated; shown before it where not empty
	File      string // slash-separated: chat/v1/chat.proto
	Line, Col int    // from 1, Col in bytes; 0: the file as a whole
}

// IsZero reports whether p is no place.
func (p Pos) IsZero() bool { return p == Pos{} }

// String returns file:line:col, or what of it is known.
func (p Pos) String() string {
	name := path.Join(p.Root, p.File)
	switch {
	case p.Line == 0:
		return name
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", name, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", name, p.Line, p.Col)
}

// Compare orders places by file, line and column.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(cmp.Compare(p.Root, q.Root), cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Col, q.Col))
}

// Format returns the fault as a user reads it: place and text, the source's line
// with a caret, other places, the remedy. It ends in a newline.
func (f Fault) Format() string {
	var b strings.Builder
	if !f.Pos.IsZero() {
		fmt.Fprintf(&b, "%s: ", f.Pos)
	}
	b.WriteString(f.Text)
	b.WriteByte('\n')
	if f.Source != "" && f.Pos.Line > 0 {
		line, caret := caretLine(f.Source, f.Pos.Col)
		fmt.Fprintf(&b, "%5d | %s\n", f.Pos.Line, line)
		if f.Pos.Col > 0 {
			fmt.Fprintf(&b, "      | %s^\n", strings.Repeat(" ", caret))
		}
	}
	for _, n := range f.Also {
		fmt.Fprintf(&b, "   %s: %s\n", n.Text, n.Pos)
	}
	if f.Remedy != "" {
		fmt.Fprintf(&b, "   fix: %s\n", f.Remedy)
	}
	return b.String()
}

// caretLine returns the line with its tabs as four blanks, and the caret's
// column in it from 0, for a col in bytes from 1.
func caretLine(line string, col int) (string, int) {
	const tab = "    "
	line = strings.TrimRight(line, "\r\n")
	before := line[:max(0, min(col-1, len(line)))]
	caret := len([]rune(strings.ReplaceAll(before, "\t", tab)))
	return strings.ReplaceAll(line, "\t", tab), caret
}

// Faults are the faults of one run. As an error they read as Format prints them.
type Faults []Fault

// Error implements error.
func (fs Faults) Error() string { return strings.TrimSuffix(fs.Format(), "\n") }

// Format returns all faults as a user reads them, in their order.
func (fs Faults) Format() string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(f.Format())
	}
	return b.String()
}

// Sorted returns the faults by place, then text, each once.
func (fs Faults) Sorted() Faults {
	out := slices.Clone(fs)
	slices.SortStableFunc(out, func(a, b Fault) int {
		return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Text, b.Text))
	})
	return slices.CompactFunc(out, func(a, b Fault) bool { return a.Pos == b.Pos && a.Text == b.Text })
}
