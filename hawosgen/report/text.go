package report

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Coloured reports whether text for w may have colours: w is a terminal, and
// the environment has no NO_COLOR (https://no-color.org).
func Coloured(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

func writeText(w io.Writer, findings []Finding, colour bool) error {
	var b strings.Builder
	for _, f := range findings {
		if f.Rule != "" {
			f.Text += " [" + f.Rule + "]"
		}
		if f.Warning && f.Rule != "" {
			f.Text = "warning: " + f.Text
		}
		text := f.Format()
		if colour {
			text = paint(text, f.Warning)
		}
		b.WriteString(text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Escape sequences of a terminal.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	green  = "\x1b[32m"
	plain  = "\x1b[0m"
)

// paint colours a finding's text: its first line, the caret and the remedy.
func paint(text string, warning bool) string {
	mark := red
	if warning {
		mark = yellow
	}
	var b strings.Builder
	first := true
	for line := range strings.Lines(text) {
		body := strings.TrimSuffix(line, "\n")
		switch caret := strings.TrimLeft(body, " |"); {
		case first:
			body = bold + body + plain
		case caret == "^":
			body = strings.TrimSuffix(body, "^") + mark + "^" + plain
		case strings.HasPrefix(body, "   fix: "):
			body = "   " + green + "fix:" + plain + strings.TrimPrefix(body, "   fix:")
		}
		b.WriteString(body + "\n")
		first = false
	}
	return b.String()
}
