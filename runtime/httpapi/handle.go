package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/errcode"
)

type requestKey struct{}

// Request returns the HTTP request that a function given to Handle answers, for
// its path values, query and header; nil elsewhere. Its body is read already.
func Request(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// Handle registers f on the mux under a pattern of http.ServeMux, such as
// "POST /api/login". The body, JSON or empty, becomes In, and Out the answer;
// both may be proto messages (then in proto's JSON with the field names of the
// schema) or plain structs. Unknown fields are passed over. f's error becomes
// {"code": …, "error": …} under the HTTP status that Status names.
func Handle[In, Out any](mux *http.ServeMux, pattern string, f func(ctx context.Context, in *In) (*Out, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		in := new(In)
		err := decode(r, in)
		if err == nil {
			var out *Out
			if out, err = f(context.WithValue(r.Context(), requestKey{}, r), in); err == nil {
				err = write(w, http.StatusOK, out)
			}
		}
		if err != nil {
			fail(w, r, err)
		}
	})
}

func decode(r *http.Request, in any) error {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errcode.New(codes.ResourceExhausted, "body is too large").Because(errTooLarge)
	case err != nil:
		return errcode.New(codes.Canceled, "body broke off").Because(err)
	case len(bytes.TrimSpace(body)) == 0:
		return nil
	}
	// Other types need no leave from the browser to come from a foreign page.
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != "application/json" {
		return errcode.New(codes.InvalidArgument, "Content-Type must be application/json").Because(errMediaType)
	}
	if m, ok := in.(proto.Message); ok {
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, m)
	} else {
		err = json.Unmarshal(body, in)
	}
	if err != nil {
		return errcode.New(codes.InvalidArgument, "body is not the JSON that is wanted").Because(err)
	}
	return nil
}

// write answers with v as JSON. It writes nothing when it returns an error.
func write(w http.ResponseWriter, status int, v any) error {
	var text []byte
	var err error
	if m, ok := v.(proto.Message); ok {
		text, err = protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(m)
	} else {
		text, err = json.Marshal(v)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that went away needs no answer
	return nil
}
