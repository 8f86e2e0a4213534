package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// didYouMean returns "did you mean balance: SESSION? " where one of the known
// names is but a typing error away from the given one; empty where none is.
// before is put before the name.
func didYouMean(given string, known []string, before string) string {
	if name := Nearest(given, known); name != "" {
		return fmt.Sprintf("did you mean %s%s? ", before, name)
	}
	return ""
}

// Nearest returns the known name that the given one is a typing error of: the
// fewest letters away, two at most and less than half of them; empty for none.
// Case does not count.
func Nearest(given string, known []string) string {
	best, least := "", 3
	for _, name := range known {
		apart := distance(strings.ToLower(given), strings.ToLower(name))
		if apart < least && apart*2 < len(given) {
			best, least = name, apart
		}
	}
	return best
}

var fieldEnd = regexp.MustCompile(`\w+\s*:\s*$`)

// fieldBefore returns the field whose value begins at pos, "balance: "; empty
// where the line does not say.
func (r *report) fieldBefore(pos Pos) string {
	src := r.src.byPath[pos.File]
	if src == nil {
		return ""
	}
	line := src.line(pos.Line)
	return fieldEnd.FindString(line[:min(max(pos.Col-1, 0), len(line))])
}
