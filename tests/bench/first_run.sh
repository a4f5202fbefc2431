#!/bin/sh
# The shortest way by hand to what a first run makes: a CA, a certificate, nginx in front of the
# registry with a login, and both services at work. The packages are there already.
set -eu
name=docker.benet.com ip=$1
etc=/etc/registry-wizard
mkdir -p $etc/pki /opt/data/registry "/etc/docker/certs.d/$name"
chmod 700 $etc/pki
cd $etc/pki

openssl ecparam -genkey -name prime256v1 -noout -out ca.key
openssl req -x509 -new -key ca.key -days 3650 -subj "/CN=$name CA" -out ca.crt \
    -addext "keyUsage = critical, keyCertSign, cRLSign" \
    -addext "nameConstraints = critical, permitted;DNS:$name, permitted;IP:$ip/255.255.255.255"
openssl ecparam -genkey -name prime256v1 -noout -out server.key
openssl req -new -key server.key -subj "/CN=$name" -out server.csr
printf 'subjectAltName = DNS:%s, IP:%s\nextendedKeyUsage = serverAuth\n' "$name" "$ip" > extensions
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 199 -extfile extensions \
    -CAcreateserial -out server.crt 2> /dev/null
chmod 400 ca.key
chmod 600 server.key
cp ca.crt "/etc/docker/certs.d/$name/ca.crt"

openssl rand -base64 16 > $etc/admin.password
chmod 600 $etc/admin.password
htpasswd -i -n -B -C 10 admin < $etc/admin.password > $etc/htpasswd
chown root:docker-registry $etc/htpasswd
chmod 640 $etc/htpasswd

chown docker-registry: /opt/data/registry
cat > /etc/docker/registry/config.yml <<END
version: 0.1
storage:
  filesystem: {rootdirectory: /opt/data/registry}
  delete: {enabled: true}
http: {addr: "127.0.0.1:5000", secret: $(openssl rand -hex 16)}
auth: {htpasswd: {realm: $name, path: $etc/htpasswd}}
END

rm -f /etc/nginx/sites-enabled/default
cat > /etc/nginx/conf.d/registry.conf <<END
server {
    listen 80;
    server_name $name $ip;
    return 308 https://$name\$request_uri;
}
server {
    listen 443 ssl;
    server_name $name $ip;
    ssl_certificate $etc/pki/server.crt;
    ssl_certificate_key $etc/pki/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size 0;
    location /v2/ {
        proxy_pass http://127.0.0.1:5000;
        proxy_http_version 1.1;
        proxy_set_header Host \$http_host;
        proxy_set_header X-Forwarded-Proto \$scheme;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 900s;
    }
}
END

echo "$ip $name" >> /etc/hosts
systemctl enable --quiet docker-registry nginx
systemctl restart docker-registry
nginx -q -t
systemctl restart nginx
for port in 5000 443; do
    until ss -Hltn "sport = :$port" | grep -q .; do sleep 0.05; done
done
