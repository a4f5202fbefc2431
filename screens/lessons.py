"""What F1 and `?` teach about each question: a paragraph that a first-time admin learns from."""

from __future__ import annotations

from screens.words import _

LESSONS: dict[str, str] = {
    "registry.hostname": _(
        "The name that clients type in front of every image, as in docker.benet.com/app:1. It"
        " goes into the certificate, into nginx and into each image's reference, so changing it"
        " later means tagging images anew and a visit to every client. From each client it must"
        " lead to this machine, by DNS or by a line in the client's hosts file. It needs a dot or"
        " must be an IP address: Docker takes registry/app for an image on Docker Hub. Choose a"
        " name in a domain of yours; where you own none, one that ends in .internal is reserved"
        " for private use. `hostname -f` shows what this machine calls itself, `getent ahosts"
        " NAME` where a name leads."
    ),
    "registry.ip": _(
        "The address at which clients reach this machine. It goes into the certificate beside the"
        " name, and into this machine's own hosts file where the name leads elsewhere (Debian"
        " likes to put it on 127.0.1.1, and Docker verifies no certificate on loopback). It must"
        " be one that this machine has and keeps: a fixed address, or one reserved in DHCP. If it"
        " changes, clients reach nothing, and those that use the address itself are told that the"
        " certificate is not for it. On a machine in several networks choose the one that the"
        " clients are in. `ip address` lists them all."
    ),
    "registry.https_port": _(
        "The port on which nginx speaks HTTPS. With 443 clients write the bare name. Any other"
        " port becomes part of every image's name, as in docker.benet.com:8443/app, and of the"
        " folder in which a client looks for the CA,"
        " /etc/docker/certs.d/docker.benet.com:8443; a folder without the port is not looked at"
        " then. Take another port only where a program that is not nginx holds 443: one nginx"
        " serves many names on one port. 5000 is the registry's own, on loopback, and cannot be"
        " taken. A firewall must let the port through. `ss -ltnp` shows who listens where."
    ),
    "registry.http_redirect": _(
        "Whether nginx answers plain http:// on port 80 with a redirect to https://. It is for"
        " people who type the bare name into a browser. Docker does not need it: it speaks HTTPS"
        " to the registry from the first byte. Nothing is served without encryption either way."
        " The redirect is set up only where port 80 is free or already nginx's; where another"
        " program holds it, the wizard leaves it alone and says so. Say no where a firewall or a"
        " rule of your house wants port 80 closed."
    ),
    "certificate.alt_names": _(
        "Further DNS names and IP addresses under which clients will use this registry. A client"
        " compares what was typed with the list in the certificate and with nothing else; where"
        " it is missing, each login, push and pull fails with `x509: certificate is valid for A,"
        " not B`. The hostname and the address are on the list anyway, so"
        " this is for aliases, a second network, or the outside address of a router that forwards"
        " to here. A name added later gets a new certificate by itself, but only if the CA may"
        " sign for it. Below you can try a name before you go on."
    ),
    "certificate.common_name": _(
        "The CN in the server certificate's subject: a label for people who look at the"
        " certificate. Docker and all else that is written in Go look at the alternative names"
        " only, so a name that stands here and not among those is refused; curl may still take"
        " it, which is why a test with curl alone proves nothing. Left empty"
        " it is the hostname, which is right. It has room for 64 characters. A registry that has"
        " only addresses and no name gets no CN at all, because OpenSSL and GnuTLS would take it"
        " for a DNS name that this CA may not sign for."
    ),
    "certificate.days": _(
        "How long the server certificate is valid. Once it has ended, every login, push and pull"
        " fails with `x509: certificate has expired or is not yet valid`. A short life limits"
        " what a stolen key is good for, since no registry client asks for revocations. Running"
        " the wizard again renews the certificate once less than a third of its life is left;"
        " clients notice nothing, for they trust the CA, which lives ten years. 199 days is a"
        " good choice; Apple's systems refuse more than 825. It never outlives the CA."
        " `registry-wizard status` tells how many days are left."
    ),
    "authority.permitted": _(
        "Whoever steals the key of a CA can pose as any site to all machines that trust it. This"
        " CA is therefore limited (name constraints): it can sign for the registry's names and"
        " addresses, and for what you add here, and clients refuse all else. A domain covers all"
        " names below it; write it without a leading dot. The limit cannot be changed once the CA"
        " is made: a name outside it means a new CA and a visit to every client. So add the"
        " domain you own, and the network within which this server may move; leave it empty where"
        " name and address will stay."
    ),
    "authority.common_name": _(
        "The name under which the CA appears in certificate lists, browsers and error messages."
        " Left empty, it is made of the hostname, the date and a part of the key's identifier, so"
        " that no two are alike. That matters: where an old and a new CA have one name, a client"
        " that has the old one tries it and reports a wrong signature instead of a missing CA."
        " With a name of your own, the key's identifier is put beside it for the same reason. It"
        " has room for 64 characters and counts only when the CA is made; one that is there"
        " already keeps its name."
    ),
    "authority.organization": _(
        "The organization (O) in the CA's name. It tells the people who find this CA on their"
        " machine, perhaps years from now, whose it is. No program looks at it: it changes nothing"
        " about what is trusted, and nobody checks that it is true. Left empty it says"
        " registry-wizard. Write the name of your company, department or house, in 64 characters"
        " at most. Like the CA's name it counts only when the CA is made; a CA that is there"
        " already, or that you bring, keeps the one it has."
    ),
    "authority.certificate": _(
        "The path of a CA certificate that you have already, on this machine, as a PEM file (it"
        " begins with -----BEGIN CERTIFICATE-----). Bring one where your clients trust a company"
        " CA already: then none of them needs a visit. An intermediate is better than the root;"
        " put who signed it behind it in the same file. It must be a CA in date (CA:TRUE,"
        " keyCertSign), with an RSA or ECDSA key, allowed to sign for the registry's names. The"
        " survey says all that is wrong with it before anything is touched. Leave this and its key"
        " empty to have a CA made, which is right where you have none."
    ),
    "authority.key": _(
        "The path of the private key that belongs to that CA, a PEM file without a passphrase. The"
        " wizard signs the server certificate with it, and keeps a copy in"
        " /etc/registry-wizard/pki/ca.key, readable by root alone, to renew the certificate"
        " later. So whoever becomes root on this server can sign with that CA: think twice before"
        " you bring the root of a whole company, and prefer an intermediate that may sign for"
        " little. Give the path, never the key's text. To take a passphrase off:"
        " `openssl pkey -in old.key -out new.key`."
    ),
    "registry.storage": _(
        "The folder in which all images lie. Choose it on a disk with room to grow: each layer is"
        " kept once, compressed, but every version of every image adds some, and when the disk is"
        " full pushes fail. `df -h` shows the free space. It should hold nothing else, since it"
        " belongs to the user that the registry runs as. It need not exist; one that holds a"
        " registry's images already is taken over if they belong to that user. Undo never removes"
        " images. To move it later, copy the folder with its owners, then change this answer: the"
        " wizard itself does not move images."
    ),
    "registry.delete": _(
        "Whether images can be deleted through the registry's API. Deleting takes an image out of"
        " the registry, but the bytes stay on the disk until the registry's garbage collector has"
        " run, for which the registry must be stopped: blobs that it remembers while they are"
        " swept away would be handed out empty. Without this the API answers 405 and a registry"
        " can only grow. Say no where what was once pushed must stay, such as releases. It can be"
        " changed at any time by running the wizard again; images stay as they are."
    ),
    "users.name": _(
        "The name with which somebody logs in: `docker login -u NAME`. It is an account of the"
        " registry alone and has nothing to do with the users of this machine. Give each person"
        " and each build server a name of its own, so that one can be taken out without a new"
        " password for all. A colon and blanks cannot be in it, since HTTP and the password file"
        " separate fields with them. registry-wizard is taken: with it the wizard logs in for its"
        " own checks. Without any user, admin is made, with a generated password."
    ),
    "users.password": _(
        "The password for this name, typed twice and not shown. At once only its bcrypt hash is"
        " kept, the one kind that the registry knows; nobody can read the password out of it, so"
        " note it down now. bcrypt looks at 72 bytes at most, and longer ones are refused rather"
        " than cut. Left empty, a random one with 128 bits is made and shown once, which is best"
        " for machines. People log in by `docker login`, which asks for it; mind that Docker then"
        " keeps it in ~/.docker/config.json, not encrypted unless a credential helper is set up."
    ),
}
