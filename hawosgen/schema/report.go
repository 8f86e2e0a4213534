package schema

import (
	"slices"
	"strings"
	"sync"

	"github.com/bufbuild/protocompile/reporter"
)

// report takes in what the parser and the compiler find. It may be called
// concurrently.
type report struct {
	src      *Sources
	files    []*parsed // all that were parsed, for remedies
	mu       sync.Mutex
	faults   Faults
	warnings Faults
}

// Error implements reporter.Reporter; nil lets the compiler go on.
func (r *report) Error(err reporter.ErrorWithPos) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, r.compilerFault(err))
	return nil
}

// Warning implements reporter.Reporter.
func (r *report) Warning(err reporter.ErrorWithPos) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warnings = append(r.warnings, r.compilerFault(err))
}

// settle makes the faults of things that are defined twice name the first place
// of all, whichever file the compiler came to first.
func (r *report) settle() {
	places := map[string][]Pos{}
	isTwice := func(f Fault) bool { return strings.HasSuffix(f.Text, definedTwice) }
	for _, f := range r.faults {
		if isTwice(f) {
			places[f.Text] = append(places[f.Text], f.Pos, f.Also[0].Pos)
		}
	}
	r.faults = slices.DeleteFunc(r.faults, isTwice)
	for text, at := range places {
		slices.SortFunc(at, Pos.Compare)
		for _, pos := range slices.Compact(at)[1:] {
			r.faults = append(r.faults, r.src.fault(pos, text, changeOne, Note{Text: "first defined here", Pos: at[0]}))
		}
	}
}

const (
	definedTwice = " is defined twice"
	changeOne    = "change or remove one of the two"
)
