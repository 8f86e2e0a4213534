package embedded

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/alicebob/miniredis/v2/proto"
	"github.com/alicebob/miniredis/v2/server"
)

// redisDatabases is how many databases a Redis has unless it is told otherwise.
const redisDatabases = 16

// redisStore saves a miniredis to a file, as the commands that build its data again, and brings it back. Each key
// is read by one command, so it is saved whole; two keys may be seen some milliseconds apart, except at Close,
// when no client is left.
type redisStore struct {
	srv  *server.Server
	peer *server.Peer
	out  *bytes.Buffer // what peer was answered
	file string        // empty: nothing is saved
	seen int           // commands that srv had run at the end of the last snapshot
}

func newRedisStore(srv *server.Server, file string) *redisStore {
	out := new(bytes.Buffer)
	return &redisStore{srv: srv, out: out, peer: server.NewPeer(bufio.NewWriter(out)), file: file}
}

// do runs one command and returns its reply: a string, an int or a []any.
func (s *redisStore) do(cmd ...string) (any, error) {
	s.out.Reset()
	s.srv.Dispatch(s.peer, cmd)
	s.peer.Flush()
	reply, err := proto.Parse(s.out.String())
	if refused, ok := reply.(error); ok {
		err = refused
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd[0], err)
	}
	return reply, nil
}

// changed reports whether clients ran commands since the last snapshot.
func (s *redisStore) changed() bool { return s.srv.TotalCommands() != s.seen }

func (s *redisStore) save() error {
	if s.file == "" {
		return nil
	}
	cmds, err := s.commands()
	s.seen = s.srv.TotalCommands()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.file), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(s.file), ".redis-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	err = gob.NewEncoder(f).Encode(cmds)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.Name(), err)
	}
	return os.Rename(f.Name(), s.file)
}

func (s *redisStore) restore() error {
	if s.file == "" {
		return nil
	}
	f, err := os.Open(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var cmds [][]string
	if err := gob.NewDecoder(f).Decode(&cmds); err != nil {
		return fmt.Errorf("read %s: %w (remove it to begin with an empty Redis)", s.file, err)
	}
	for _, cmd := range cmds {
		if _, err := s.do(cmd...); err != nil {
			return fmt.Errorf("restore %s: %w", s.file, err)
		}
	}
	return nil
}

// commands returns what builds the data of all databases again.
func (s *redisStore) commands() ([][]string, error) {
	var cmds [][]string
	for db := range redisDatabases {
		choose := []string{"SELECT", strconv.Itoa(db)}
		if _, err := s.do(choose...); err != nil {
			return nil, err
		}
		keys, err := s.do("KEYS", "*")
		if err != nil {
			return nil, err
		}
		names := texts(keys)
		if len(names) > 0 {
			cmds = append(cmds, choose)
		}
		for _, key := range names {
			cmds = append(cmds, s.keyCommands(key)...)
		}
	}
	return cmds, nil
}

// keyCommands returns what builds one key again: nothing where it has gone meanwhile or is of a type that is not
// kept.
func (s *redisStore) keyCommands(key string) [][]string {
	build := s.valueCommand(key)
	if build == nil {
		return nil
	}
	if at, _ := s.do("PEXPIRETIME", key); at != nil && at.(int) > 0 {
		return [][]string{build, {"PEXPIREAT", key, strconv.Itoa(at.(int))}}
	}
	return [][]string{build}
}

func (s *redisStore) valueCommand(key string) []string {
	kind, _ := s.do("TYPE", key)
	switch kind {
	case "string":
		return s.copyCommand([]string{"SET", key}, "GET", key)
	case "list":
		return s.copyCommand([]string{"RPUSH", key}, "LRANGE", key, "0", "-1")
	case "set":
		return s.copyCommand([]string{"SADD", key}, "SMEMBERS", key)
	case "hash":
		return s.copyCommand([]string{"HSET", key}, "HGETALL", key)
	case "zset":
		cmd := s.copyCommand([]string{"ZADD", key}, "ZRANGE", key, "0", "-1", "WITHSCORES")
		for i := 2; i+1 < len(cmd); i += 2 {
			cmd[i], cmd[i+1] = cmd[i+1], cmd[i] // read as member, score; written as score, member
		}
		return cmd
	}
	return nil
}

// copyCommand returns build followed by all that read answers; nil where the key is gone.
func (s *redisStore) copyCommand(build []string, read ...string) []string {
	reply, err := s.do(read...)
	values := texts(reply)
	if err != nil || len(values) == 0 {
		return nil
	}
	return append(build, values...)
}

// texts returns the strings of a reply, which is one or an array of them.
func texts(reply any) []string {
	switch r := reply.(type) {
	case string:
		return []string{r}
	case []any:
		all := make([]string, 0, len(r))
		for _, v := range r {
			text, _ := v.(string)
			all = append(all, text)
		}
		return all
	}
	return nil
}
