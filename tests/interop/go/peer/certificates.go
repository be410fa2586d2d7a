package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
)

// The certificate of this name in the folder, with its key.
func certificate(folder, name string) tls.Certificate {
	cert, err := tls.LoadX509KeyPair(
		filepath.Join(folder, name+"_cert.pem"), filepath.Join(folder, name+"_key.pem"))
	if err != nil {
		panic(err)
	}
	return cert
}

// The authority of this name in the folder.
func authority(folder, name string) *x509.CertPool {
	text, err := os.ReadFile(filepath.Join(folder, name+".pem"))
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}

// How a client of this name speaks TLS; without a name it shows no certificate.
func clientTLS(folder, name string) *tls.Config {
	config := &tls.Config{RootCAs: authority(folder, "ca")}
	if name != "" {
		// Chosen by hand, so that certificates of any authority are shown.
		cert := certificate(folder, name)
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &cert, nil
		}
	}
	return config
}
