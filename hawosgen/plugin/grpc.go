package plugin

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"
)

// GRPCVersion is the release of protoc-gen-go-grpc that Services runs.
const GRPCVersion = "v1.6.2"

const grpcModule = "google.golang.org/grpc/cmd/protoc-gen-go-grpc"

// Services generates the _grpc.pb.go files, for those of in.Generate that have a
// service. The generator is built into the user's cache when it is not there
// yet; building calls progress once, before it starts.
func Services(ctx context.Context, in Input, progress func(string)) (Output, error) {
	bin, err := grpcPlugin(ctx, progress)
	if err != nil {
		return nil, err
	}
	req, err := proto.Marshal(in.request("paths=source_relative,require_unimplemented_servers=false"))
	if err != nil {
		return nil, fmt.Errorf("encode the request to protoc-gen-go-grpc: %w", err)
	}
	cmd := exec.CommandContext(ctx, bin)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(req), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run %s: %w: %s", bin, err, strings.TrimSpace(stderr.String()))
	}
	var res pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(stdout.Bytes(), &res); err != nil {
		return nil, fmt.Errorf("decode the answer of %s: %w", bin, err)
	}
	return collect("protoc-gen-go-grpc", &res)
}

// grpcPlugin returns the path of the generator's program, which it builds first
// where the cache has none.
func grpcPlugin(ctx context.Context, progress func(string)) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache for protoc-gen-go-grpc: %w", err)
	}
	dir := filepath.Join(cache, "hawos", "protoc-gen-go-grpc-"+GRPCVersion)
	bin := filepath.Join(dir, "protoc-gen-go-grpc")
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	progress("building protoc-gen-go-grpc " + GRPCVersion + " (first time only)")
	// go install renames the finished program into place, so that two runs at
	// once do each other no harm.
	cmd := exec.CommandContext(ctx, "go", "install", grpcModule+"@"+GRPCVersion)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=", "GOOS=", "GOARCH=")
	cmd.Dir = os.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s@%s: %w\n%s\nthe first run needs the network (or a GOPROXY that has the module): connect and run again",
			grpcModule, GRPCVersion, err, strings.TrimSpace(string(out)))
	}
	return bin, nil
}
