package schema

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/bufbuild/protocompile/reporter"
)

// compilerFault turns an error of the compiler into a fault with a remedy.
func (s *Sources) compilerFault(err reporter.ErrorWithPos) Fault {
	pos, text := s.source(err.GetPosition()), err.Unwrap().Error()
	if first, ok := s.alreadyDefined(text); ok {
		what, _, _ := strings.Cut(text, " already defined")
		if pos.compare(first) < 0 { // the compiler takes files as they come
			pos, first = first, pos
		}
		return s.fault(pos, what+" is defined twice", "rename or remove one of the two", Note{Text: "first defined here", Pos: first})
	}
	return s.fault(pos, text, s.remedy(text))
}

// alreadyDefined finds the place that ends the compiler's text "… already
// defined at chat.proto:4:9".
func (s *Sources) alreadyDefined(text string) (Pos, bool) {
	m := regexp.MustCompile(`already defined(?: as a package)? at ([^ ]+):(\d+):(\d+)`).FindStringSubmatch(text)
	if m == nil {
		return Pos{}, false
	}
	line, _ := strconv.Atoi(m[2])
	col, _ := strconv.Atoi(m[3])
	return s.place(m[1], line, col), true
}

// remedy returns what to do about an error of the compiler, where that is known.
func (s *Sources) remedy(text string) string {
	switch {
	case strings.Contains(text, "unrecognized extension hawos.") || strings.Contains(text, "unknown extension hawos."):
		return `add import "hawos/options.proto";`
	case strings.HasSuffix(text, "not used"):
		return "delete the import"
	}
	return ""
}
