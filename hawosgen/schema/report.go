package schema

import (
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
