package supervise

import (
	"errors"
	"io"
	"os"
	"time"
)

const (
	logCheck = 5 * time.Second
	maxLog   = 16 << 20 // bytes; twice that is kept of each program
)

// rotateLogs copies each log file that has grown too big to NAME.log.1 and empties it. The program has the file
// open for appending and goes on at its new end; what it writes between the copy and the emptying is lost.
func (s *supervisor) rotateLogs() {
	for name := range s.runners {
		if err := rotate(s.dir.Log(name), maxLog); err != nil {
			s.log.Warn("a log is not rotated", "program", name, "error", err)
		}
	}
}

func rotate(file string, limit int64) error {
	info, err := os.Stat(file)
	if err != nil || info.Size() <= limit {
		return err
	}
	from, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(file + ".1")
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Close()); err != nil {
		return err
	}
	return from.Truncate(0)
}
