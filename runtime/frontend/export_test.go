package frontend

import "github.com/hawos/hawos/runtime/hawospb"

// HandOut hands a push out and returns to how many sessions, for benchmarks
// without a queue.
func (f *Frontend) HandOut(e *hawospb.Envelope) int {
	n, _ := f.handOut(e)
	return n
}
