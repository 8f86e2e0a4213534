package httpapi

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/errcode"
)

var (
	errTooLarge  = errors.New("body over the limit")
	errMediaType = errors.New("body of another media type")
)

// Status returns the HTTP status of a code: for gRPC's the one of
// google.rpc.Code, for hawos's own 500, and for the project's 422, a request that
// was understood and refused.
func Status(code uint32) int {
	if code >= errcode.Project {
		return http.StatusUnprocessableEntity
	}
	switch codes.Code(code) {
	case codes.OK:
		return http.StatusOK
	case codes.Canceled:
		return 499 // client closed request
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange:
		return http.StatusBadRequest
	case codes.DeadlineExceeded:
		return http.StatusGatewayTimeout
	case codes.NotFound:
		return http.StatusNotFound
	case codes.AlreadyExists, codes.Aborted:
		return http.StatusConflict
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unimplemented:
		return http.StatusNotImplemented
	case codes.Unavailable:
		return http.StatusServiceUnavailable
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	}
	return http.StatusInternalServerError
}

// problem is the body of a refusal.
type problem struct {
	Code  uint32 `json:"code"`
	Error string `json:"error"`
}

// fail answers with the error and leaves it to the log of Limits.Wrap.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	if x, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
		x.err = err
	}
	writeError(w, errcode.From(err))
}

func writeError(w http.ResponseWriter, e *errcode.Error) {
	status := Status(e.Code())
	switch {
	case errors.Is(e, errTooLarge):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(e, errMediaType):
		status = http.StatusUnsupportedMediaType
	}
	if e.RetryAfter() > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter().Seconds()))))
	}
	text := e.Text()
	if text == "" && e.Code() < errcode.Project {
		text = codes.Code(e.Code()).String()
	}
	_ = write(w, status, problem{Code: e.Code(), Error: text}) // a problem always marshals
}
