package proc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// startOf returns the process's start time in clock ticks since the machine's own start, and the machine's
// start itself, since state files survive it. See proc(5), field 22 of /proc/PID/stat.
func startOf(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrGone
	}
	if err != nil {
		return "", err
	}
	// The name, field 2, is in parentheses and may hold anything, parentheses too.
	_, rest, ok := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	fields := bytes.Fields(rest)
	if !ok || len(fields) < 20 {
		return "", fmt.Errorf("read /proc/%d/stat: %q", pid, stat)
	}
	if state := fields[0][0]; state == 'Z' || state == 'X' {
		return "", ErrGone
	}
	boot, err := boot()
	if err != nil {
		return "", err
	}
	return boot + "/" + string(fields[19]), nil
}

// boot identifies the machine's last start.
func boot() (string, error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return string(bytes.TrimSpace(id)), err
}

// sameBoot reports whether the process started after the machine's last start.
func sameBoot(id ID) bool {
	boot, err := boot()
	return err == nil && strings.HasPrefix(id.Start, boot+"/")
}

// Command returns the process's command line; empty where it cannot be seen.
func Command(pid int) string {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
}

// Listener returns the process that listens on the TCP port; 0 where it cannot be seen, as another user's.
func Listener(port int) int {
	sockets := make(map[string]bool)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		listening(table, port, sockets)
	}
	if len(sockets) == 0 {
		return 0
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && sockets[to] {
			pid, _ := strconv.Atoi(strings.Split(link, "/")[2])
			return pid
		}
	}
	return 0
}

// listening adds the sockets of the table that listen on the port, as links in /proc/PID/fd name them.
func listening(table string, port int, sockets map[string]bool) {
	f, err := os.Open(table)
	if err != nil {
		return
	}
	defer f.Close()
	const listen, inode = "0A", 9
	suffix := fmt.Sprintf(":%04X", port)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > inode && strings.HasSuffix(fields[1], suffix) && fields[3] == listen {
			sockets["socket:["+fields[inode]+"]"] = true
		}
	}
}
