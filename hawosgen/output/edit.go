package output

import "errors"

// Edits holds new texts of single files, the user's protos say, against those in
// the folder dir. Nothing is stale of a list that is not a whole run's.
func Edits(dir string, files []File) (*Changes, error) {
	c := &Changes{dir: dir}
	var errs []error
	for _, f := range files {
		errs = append(errs, c.compare(File{Path: f.Path, Rule: Kept, Text: f.Text}, nil))
	}
	return c, errors.Join(errs...)
}

// WriteApart is Write, but no run of its own: Undo goes on to take back the one
// before.
func (c *Changes) WriteApart() error { return c.write(false) }
