// Package sensitive finds words in texts and masks them, whatever their case.
// All of its answers come from one search: the leftmost match, of these the
// longest, then on behind it. It knows nothing of spaces between letters, of
// look-alikes or of meaning. Start from New, Read or Load.
package sensitive

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Filter is a set of words. It never changes and may be used concurrently. The
// zero value has no words.
type Filter struct {
	steps map[step]int32 // the trie: from a node by a folded rune to the next
	ends  []bool         // by node: a word ends here
}

type step struct {
	node int32
	r    rune
}

// Match is one word in a text: text[Start:End], in bytes.
type Match struct {
	Start, End int
}

// New returns a filter of the words. Spaces around a word do not count, empty
// words are left out, and words that are no UTF-8 are a fault.
func New(words ...string) (*Filter, error) {
	f := &Filter{steps: map[step]int32{}, ends: []bool{false}}
	for _, w := range words {
		w = strings.TrimSpace(w)
		if !utf8.ValidString(w) {
			return nil, fmt.Errorf("word %q is not UTF-8", w)
		}
		f.add(w)
	}
	return f, nil
}

// Read returns a filter of the words in r, one per line. Lines that begin with #
// are left out.
func Read(r io.Reader) (*Filter, error) {
	var words []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if w := strings.TrimPrefix(lines.Text(), "\ufeff"); !strings.HasPrefix(w, "#") {
			words = append(words, w)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	return New(words...)
}

// Load returns Read's filter of a file.
func Load(path string) (*Filter, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load words: %w", err)
	}
	defer file.Close()
	f, err := Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (f *Filter) add(word string) {
	if word == "" {
		return
	}
	node := int32(0)
	for _, r := range word {
		s := step{node, fold(r)}
		next, ok := f.steps[s]
		if !ok {
			next = int32(len(f.ends))
			f.ends = append(f.ends, false)
			f.steps[s] = next
		}
		node = next
	}
	f.ends[node] = true
}

// Contains reports whether there is a word in the text.
func (f *Filter) Contains(text string) bool {
	_, ok := f.next(text, 0)
	return ok
}

// Find returns the words in the text, from left to right, none overlapping.
func (f *Filter) Find(text string) []Match {
	var all []Match
	for m, ok := f.next(text, 0); ok; m, ok = f.next(text, m.End) {
		all = append(all, m)
	}
	return all
}

// Replace returns the text with each rune of each word replaced by mask.
func (f *Filter) Replace(text string, mask rune) string {
	m, ok := f.next(text, 0)
	if !ok {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	from := 0
	for ; ok; m, ok = f.next(text, from) {
		b.WriteString(text[from:m.Start])
		for range utf8.RuneCountInString(text[m.Start:m.End]) {
			b.WriteRune(mask)
		}
		from = m.End
	}
	b.WriteString(text[from:])
	return b.String()
}

// next returns the first match at from or behind it.
func (f *Filter) next(text string, from int) (Match, bool) {
	for start := from; start < len(text); {
		if end := f.longest(text, start); end > start {
			return Match{start, end}, true
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		start += size
	}
	return Match{}, false
}

// longest returns the end of the longest word that begins at start, or 0.
func (f *Filter) longest(text string, start int) int {
	end, node := 0, int32(0)
	for i := start; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		next, ok := f.steps[step{node, fold(r)}]
		if !ok || r == utf8.RuneError && size == 1 { // bytes that are no UTF-8 are no letter
			break
		}
		node, i = next, i+size
		if f.ends[node] {
			end = i
		}
	}
	return end
}

// fold returns the one rune that stands for all that differ in case alone.
func fold(r rune) rune {
	if r < utf8.RuneSelf && r != 'k' && r != 'K' && r != 's' && r != 'S' { // those have more than two cases
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}
