package output

// WriteCutOff is Write that is cut off behind n swaps.
func (c *Changes) WriteCutOff(n int) error {
	j, err := c.stage()
	if err != nil {
		return err
	}
	for i, e := range j.entries[:n] {
		if err := j.swap(i, e); err != nil {
			return err
		}
	}
	return nil
}
