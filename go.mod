module sigconform

go 1.26
