//go:build unix && !linux

package proc

import (
	"os/exec"
	"strconv"
	"strings"
)

// startOf asks ps, which every unix has.
func startOf(pid int) (string, error) {
	out, err := ps("stat=,lstart=", pid)
	if err != nil || out == "" || strings.HasPrefix(out, "Z") {
		return "", ErrGone
	}
	_, start, _ := strings.Cut(out, " ")
	return strings.TrimSpace(start), nil
}

// sameBoot cannot be told here: a group is only killed with its leader.
func sameBoot(id ID) bool { return id.Alive() }

// Command returns the process's command line; empty where it cannot be seen.
func Command(pid int) string {
	out, _ := ps("command=", pid)
	return out
}

// Listener returns the process that listens on the TCP port; 0 where it cannot be seen.
func Listener(port int) int {
	out, err := exec.Command("lsof", "-nP", "-t", "-sTCP:LISTEN", "-iTCP:"+strconv.Itoa(port)).Output()
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(out), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(first))
	return pid
}

func ps(format string, pid int) (string, error) {
	out, err := exec.Command("ps", "-o", format, "-p", strconv.Itoa(pid)).Output()
	return strings.TrimSpace(string(out)), err
}
