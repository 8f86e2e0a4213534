package link

import (
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // what Codec falls back on
	"google.golang.org/grpc/mem"
)

// Codec is gRPC's protobuf codec, with a short cut for links: their batches pass
// as bytes. Servers that serve links are made with grpc.ForceServerCodecV2 of
// it. The zero value is ready.
type Codec struct{}

// packed is a hawos.Batch as bytes. Whoever receives one frees it.
type packed struct {
	buf mem.Buffer
}

// Marshal implements encoding.CodecV2. A packed batch passes its reference on.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	if p, ok := v.(*packed); ok {
		// gRPC reads the slice until the bytes are out, so it cannot be reused.
		return mem.BufferSlice{p.buf}, nil
	}
	return encoding.GetCodecV2("proto").Marshal(v)
}

// Unmarshal implements encoding.CodecV2.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error {
	if p, ok := v.(*packed); ok {
		p.buf = data.MaterializeToBuffer(mem.DefaultBufferPool())
		return nil
	}
	return encoding.GetCodecV2("proto").Unmarshal(data, v)
}

// Name implements encoding.CodecV2: on the wire it is protobuf.
func (Codec) Name() string { return "proto" }
