// This file checks the endpoint's certificate as Twilio does (tls): it must be
// signed by an authority that is trusted, be in date, and be for the host.

package webhook

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"
)

// CertificateError says what is wrong with an endpoint's certificate.
type CertificateError struct {
	Problem string // completes "its certificate …": "is self-signed"
	err     error
}

// Error is a sentence about the certificate.
func (e *CertificateError) Error() string { return "its certificate " + e.Problem }

// Unwrap returns the verification's own error.
func (e *CertificateError) Unwrap() error { return e.err }

// checkCertificate verifies what the endpoint presented for the name.
func (c *Client) checkCertificate(name string, state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return &CertificateError{Problem: "is missing"}
	}
	leaf := state.PeerCertificates[0]
	intermediates := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		intermediates.AddCert(certificate)
	}
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: c.options.CA, Intermediates: intermediates})
	if err == nil {
		return nil
	}
	problem := &CertificateError{certificateProblem(name, leaf, err), err}
	if !c.options.Insecure {
		return problem
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.certificate = problem
	return nil
}

// certificateProblem says in words why a certificate is not valid.
func certificateProblem(name string, leaf *x509.Certificate, err error) string {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch now := time.Now(); {
	case now.After(leaf.NotAfter):
		return "expired on " + leaf.NotAfter.UTC().Format(time.DateOnly)
	case now.Before(leaf.NotBefore):
		return "is valid only from " + leaf.NotBefore.UTC().Format(time.DateOnly)
	case errors.As(err, &host):
		return fmt.Sprintf("is for another host than %s: %s", name, hosts(leaf))
	case errors.As(err, &unknown) && bytes.Equal(leaf.RawIssuer, leaf.RawSubject):
		return "is self-signed"
	case errors.As(err, &unknown):
		return "is not signed by an authority that is trusted, or the server does not send the certificates in between"
	case errors.As(err, &invalid):
		return "is not valid: " + invalid.Error()
	default:
		return "is not valid: " + err.Error()
	}
}

// hosts lists whom a certificate is for.
func hosts(certificate *x509.Certificate) string {
	var all []string
	all = append(all, certificate.DNSNames...)
	for _, ip := range certificate.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "it names none"
	}
	if more := len(all) - 3; more > 0 {
		all = append(all[:3], fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprint(all)
}

// ParseCA returns the system's authorities together with those in the text of a
// PEM file.
func ParseCA(text []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("it contains no certificate in PEM")
	}
	return pool, nil
}

// warnings says what was put up with.
func (c *Client) warnings() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	if c.certificate != nil {
		all = append(all, fmt.Sprintf("Twilio would not connect to the endpoint; --insecure does: %v", c.certificate))
	}
	return slices.Concat(all, c.connections.warnings(), c.gateways.warnings())
}
