module sigconform/adapters/thirdparty/gotwilio

go 1.26.0

require github.com/sfreiberg/gotwilio v0.0.0-20181012193634-a13e5b0d458a

require (
	github.com/dgrijalva/jwt-go v3.2.0+incompatible // indirect
	github.com/gorilla/schema v1.4.1 // indirect
)
