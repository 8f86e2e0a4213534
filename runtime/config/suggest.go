package config

// suggest returns "; did you mean X?" for the name that is nearest to the given
// one, or "" where none is near.
func suggest(given string, names []string) string {
	best, distance := "", max(2, len(given)/3)+1
	for _, n := range names {
		if d := edits(given, n); d < distance {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// edits counts the bytes to insert, drop or replace that make a into b
// (Levenshtein).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := i + 1
		for j := range len(b) {
			d := row[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, row[j+1]+1, left+1)
			row[j], left = left, d
		}
		row[len(b)] = left
	}
	return row[len(b)]
}
