// Package report is what checks of a schema have in common: rules with names
// that can be switched off, findings, and the forms in which findings are
// printed: text for people, GitHub's annotations and SARIF for CI.
//
// Start from Rule and Finding, then Rules.Keep and Format.Write.
package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hawos/hawos/hawosgen/schema"
)

// Rule is one thing that a check looks for.
type Rule struct {
	Name    string // lower case with dashes: field-name
	Doc     string // one sentence
	Warning bool   // its findings fail nothing
}

// Finding is a place at which a rule is broken, or a fault.
type Finding struct {
	schema.Fault
	Rule    string // empty for a fault of the schema, which no rule switches off
	Warning bool
}

// FromFaults returns faults, or warnings, of the schema as findings.
func FromFaults(faults schema.Faults, warning bool) []Finding {
	out := make([]Finding, len(faults))
	for i, f := range faults {
		out[i] = Finding{Fault: f, Warning: warning}
	}
	return out
}

// Failures counts the findings that are no warnings.
func Failures(findings []Finding) int {
	n := 0
	for _, f := range findings {
		if !f.Warning {
			n++
		}
	}
	return n
}

// Rules are the rules of one check.
type Rules []Rule

// New returns a finding of the rule of that name, which must be one of rules.
func (rs Rules) New(rule string, f schema.Fault) Finding {
	i := slices.IndexFunc(rs, func(r Rule) bool { return r.Name == rule })
	return Finding{Fault: f, Rule: rule, Warning: rs[i].Warning}
}

// Check returns an error for names that are no rules; key says where they were
// given: "hawos.yaml: lint.off".
func (rs Rules) Check(names []string, key string) error {
	known := make([]string, len(rs))
	for i, r := range rs {
		known[i] = r.Name
	}
	for _, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		remedy := "--rules lists them"
		if near := schema.Nearest(name, known); near != "" {
			remedy = fmt.Sprintf("did you mean %s?", near)
		}
		return fmt.Errorf("%s: there is no rule %q: %s", key, name, remedy)
	}
	return nil
}

// Keep returns the findings whose rules are not off, sorted by place: neither
// for the whole project nor by a comment at the place. line returns the source's
// lines, as schema.Schema.Line does.
func Keep(findings []Finding, off []string, line func(file string, n int) string) []Finding {
	var out []Finding
	for _, f := range findings {
		if f.Rule == "" || !slices.Contains(off, f.Rule) && !silenced(f, line) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Text, b.Text))
	})
	return slices.CompactFunc(out, func(a, b Finding) bool { return a.Pos == b.Pos && a.Text == b.Text })
}

// Directive is the comment that switches rules off where it stands:
// // hawosgen:off field-name, rpc-comment
const Directive = "hawosgen:off"

// silenced reports whether a comment on the finding's line, or in the comment
// lines right above it, switches its rule off.
func silenced(f Finding, line func(file string, n int) string) bool {
	n := f.Pos.Line
	if n == 0 {
		n = 1 // of the file as a whole: its first line
	}
	if switchesOff(line(f.Pos.File, n), f.Rule) {
		return true
	}
	for n--; n > 0; n-- {
		text := line(f.Pos.File, n)
		if !strings.HasPrefix(strings.TrimSpace(text), "//") {
			return false
		}
		if switchesOff(text, f.Rule) {
			return true
		}
	}
	return false
}

func switchesOff(line, rule string) bool {
	_, comment, ok := strings.Cut(line, "//")
	if !ok {
		return false
	}
	_, names, ok := strings.Cut(comment, Directive)
	return ok && slices.Contains(strings.FieldsFunc(names, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }), rule)
}
